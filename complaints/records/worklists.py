"""What somebody holds, and what else is theirs to do."""

from collections.abc import Collection
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import and_, func, or_, select
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.enums import EventKind, Status
from complaints.procedure.field_types import HIDE_INPUT
from complaints.procedure.state import ComplaintState
from complaints.records import tables
from complaints.records.database import translate_database_errors


class Holding(BaseModel):
    """A complaint that somebody holds."""

    model_config = HIDE_INPUT

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
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = await connection.execute(wanted)
            return [Holding.model_validate(dict(row)) for row in rows.mappings()]


async def worklist(engine: AsyncEngine, staff: str, leads: Collection[str]) -> list[tuple[ComplaintState, datetime]]:
    """What they hold and is open, and what they undertook and is still to be carried out, whoever holds it now. Of the
    tiers that they lead: what nobody holds, and what is to be answered for to a later tier. Each as last recorded,
    without its events, with the instant of the last one.

    Raises RecordUnreachableError, RecordError.
    """
    complaint, event, undertaking = tables.complaints.c, tables.events.c, tables.undertakings.c
    is_open = complaint.status != Status.CLOSED.value
    promised = select(undertaking.reference).where(undertaking.carried_out_at.is_(None))
    promise = complaint.state["undertakings"].contains([{"owner": staff, "carried_out_at": None}])
    is_theirs = [
        and_(complaint.holder == staff, is_open),
        and_(complaint.reference.in_(promised), promise),
        and_(complaint.holder.is_(None), complaint.tier.in_(leads), is_open),
    ]
    if leads:
        awaits = complaint.status == Status.AWAITING_RECOMMENDATIONS.value
        is_theirs.append(and_(awaits, complaint.tier.not_in(leads)))
    last = and_(event.reference == complaint.reference, event.sequence == complaint.sequence)
    wanted = select(complaint.state, event.at).join(tables.events, last).where(or_(*is_theirs))
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = await connection.execute(wanted)
            return [(ComplaintState.model_validate(state), at) for state, at in rows]
