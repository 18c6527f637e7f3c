"""Transitions of complaints, as they are written to PostgreSQL."""

from complaints.records.transitions.forks import RecordForkedError, is_same_event
from complaints.records.transitions.messages import list_messages_to_repeat, list_owed_messages, owed_messages
from complaints.records.transitions.writer import (
    RecordBehindError,
    RecordedReferenceTakenError,
    UnknownBasisError,
    Written,
    write_transition,
)

__all__ = [
    "RecordBehindError",
    "RecordForkedError",
    "RecordedReferenceTakenError",
    "UnknownBasisError",
    "Written",
    "is_same_event",
    "list_messages_to_repeat",
    "list_owed_messages",
    "owed_messages",
    "write_transition",
]
