"""A letter that the procedure owes, as its event, or its row, says."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from complaints.procedure.enums import Channel, Letter
from complaints.procedure.state import Event

POINTERS = ("reply", "settlement", "extension", "declined", "opinion", "answer")
"""The keys of a letter's detail under which stands the sequence of an event whose words it quotes."""


class OwedLetter(BaseModel):
    """What is known of a letter from the moment at which it is owed."""

    model_config = ConfigDict(frozen=True)

    sequence: int
    """Of its event."""
    occasion: Letter
    channel: Channel
    """How it travels."""
    owed_at: datetime
    detail: dict[str, Any]
    """Codes, numbers and dates, as they stood when it became owed."""

    @classmethod
    def of(cls, event: Event) -> Self:
        detail = dict(event.detail)
        occasion, channel = detail.pop("occasion"), detail.pop("channel")
        return cls(sequence=event.sequence, occasion=occasion, channel=channel, owed_at=event.at, detail=detail)

    @property
    def quotes(self) -> int | None:
        """The sequence of the event whose words it quotes."""
        return next((self.detail[key] for key in POINTERS if key in self.detail), None)
