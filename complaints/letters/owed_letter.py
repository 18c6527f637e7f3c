"""A letter that the procedure owes."""

from datetime import datetime
from typing import Any, Self

from pydantic import BaseModel, ConfigDict

from complaints.procedure.enums import Channel, Letter
from complaints.procedure.state import Event

QUOTED_EVENT_KEYS = ("reply", "correction", "settlement", "extension", "declined", "opinion", "answer")
"""Keys of a letter's detail that hold the sequence of the event whose text it quotes."""


class OwedLetter(BaseModel):
    """A letter, as its event describes it."""

    model_config = ConfigDict(frozen=True)

    sequence: int
    """Of its event."""
    occasion: Letter
    channel: Channel
    """How it travels."""
    owed_at: datetime
    detail: dict[str, Any]
    """Codes, numbers and dates at the time of the event."""

    @classmethod
    def of(cls, event: Event) -> Self:
        """Read a letter from its event."""
        detail = dict(event.detail)
        occasion, channel = detail.pop("occasion"), detail.pop("channel")
        return cls(sequence=event.sequence, occasion=occasion, channel=channel, owed_at=event.at, detail=detail)

    @property
    def quoted_event(self) -> int | None:
        """The sequence of the event whose text the letter quotes."""
        return next((self.detail[key] for key in QUOTED_EVENT_KEYS if key in self.detail), None)
