"""What an act would do: to the complaint, and the letters that it would send."""

from collections.abc import Sequence
from dataclasses import dataclass

from complaints.letters.templates import ComposedLetter
from complaints.procedure.enums import Channel, Letter
from complaints.procedure.views.date_preview import ActPreview


@dataclass(frozen=True)
class LetterPreview:
    """A letter that the act would send."""

    occasion: Letter
    channel: Channel
    to: str
    """The name, and the address of the channel."""
    letter: ComposedLetter | None
    problem: str | None
    """Why the letter cannot be shown."""


@dataclass(frozen=True)
class Prospect:
    """What an act would do, as far as the record knows."""

    preview: ActPreview
    letters: Sequence[LetterPreview]
