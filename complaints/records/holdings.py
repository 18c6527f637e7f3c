"""What somebody holds: each open complaint, and since which event it is theirs."""

from pydantic import BaseModel
from sqlalchemy import and_, func, select
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.fields import DISCREET
from complaints.procedure.state import ComplaintState
from complaints.procedure.terms import EventKind, Status
from complaints.records import tables
from complaints.records.engine import reaching


class Holding(BaseModel):
    """A complaint that somebody holds."""

    model_config = DISCREET

    state: ComplaintState
    """As last recorded, without its events."""
    since: int
    """The number of the event by which it was given to them."""


async def held_by(engine: AsyncEngine, staff: str) -> list[Holding]:
    """What is due first on top. Raises RecordUnreachableError, RecordError."""
    complaint, event = tables.complaints.c, tables.events.c
    given = and_(
        event.reference == complaint.reference,
        event.kind == EventKind.GIVEN_TO,
        event.detail["to"].astext == staff,
    )
    since = select(func.max(event.sequence)).where(given).correlate(tables.complaints).scalar_subquery()
    wanted = (
        select(complaint.state, since.label("since"))
        .where(complaint.holder == staff, complaint.status != Status.CLOSED.value)
        .order_by(complaint.next_due_at.nulls_last(), complaint.reference)
    )
    with reaching():
        async with engine.connect() as connection:
            rows = await connection.execute(wanted)
            return [Holding.model_validate(dict(row)) for row in rows.mappings()]
