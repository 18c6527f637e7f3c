"""The chain of a complaint as its workflow knows it."""

from datetime import datetime

from pydantic import BaseModel

from complaints.procedure.complaint import Complaint


class ChainedEvent(BaseModel):
    sequence: int
    at: datetime
    kind: str
    by: str | None
    link: str


class ChainView(BaseModel):
    """The events that are still in the state."""

    sequence: int
    """The number of the last event."""
    recorded: int
    """The last event that the workflow knows to be on the record. Its link there is the one here."""
    events: list[ChainedEvent]


def chain_of(complaint: Complaint, recorded: int) -> ChainView:
    events = [ChainedEvent.model_validate(event.model_dump()) for event in complaint.state.events]
    return ChainView(sequence=complaint.state.sequence, recorded=recorded, events=events)
