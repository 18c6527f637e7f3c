"""Detect a record and a complaint that went on differently from one another."""

from typing import Any

from pydantic_core import from_json
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from complaints.procedure.state import Event
from complaints.procedure.views.views import Transition
from complaints.records import tables
from complaints.records.database import RecordError, serialise_json


class RecordForkedError(RecordError):
    """The record holds another event under this number, as after a restore of Temporal."""


async def refuse_fork(connection: AsyncConnection, transition: Transition) -> None:
    """Raise RecordForkedError if a recorded event is not the transition's."""
    table, reference = tables.events, transition.reference
    rows = await connection.execute(
        select(table).where(
            table.c.reference == reference,
            table.c.sequence.between(transition.events[0].sequence, transition.events[-1].sequence),
        )
    )
    recorded = {row["sequence"]: Event.model_validate(dict(row)) for row in rows.mappings()}
    for event in transition.events:
        if not is_same_event(event, recorded[event.sequence]):
            raise RecordForkedError(
                f"event {event.sequence} of {reference} is on the record with another content; "
                "run python -m worker reconcile"
            )


def is_same_event(event: Event, recorded: Event) -> bool:
    """Return whether two events are equal on the record, which keeps their free text elsewhere."""
    return _as_stored(event) == _as_stored(recorded)


def _as_stored(event: Event) -> dict[str, Any]:
    stored: dict[str, Any] = from_json(serialise_json(event.model_dump(exclude={"free_text"})))
    return stored
