"""Read from `complaints` and `undertakings` the work of a member of staff."""

from collections.abc import Collection
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Row, and_, func, select, union_all
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.enums import EventKind, Status
from complaints.procedure.field_types import HIDE_INPUT
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import Undertaking
from complaints.records import tables
from complaints.records.database import translate_database_errors
from complaints.records.personal.encryption import decrypt_state, keys_of
from complaints.records.queries import read_last_states_where


class HeldComplaint(BaseModel):
    """A complaint that somebody holds."""

    model_config = HIDE_INPUT

    state: ComplaintState
    """As last recorded, without events."""
    since: int
    """The sequence of the event that gave it to them."""


class OwnedUndertaking(BaseModel):
    """An undertaking that somebody is to carry out."""

    model_config = HIDE_INPUT

    state: ComplaintState
    """Of its complaint, as last recorded, without events."""
    undertaking: Undertaking


async def list_held(engine: AsyncEngine, staff: str) -> list[HeldComplaint]:
    """List the open complaints that somebody holds, next due first.

    Raises RecordUnreachableError, RecordError.
    """
    complaint, event = tables.complaints.c, tables.events.c
    is_assignment = and_(
        event.reference == complaint.reference,
        event.kind == EventKind.GIVEN_TO,
        event.detail["to"].astext == staff,
    )
    since = select(func.max(event.sequence)).where(is_assignment).correlate(tables.complaints).scalar_subquery()
    statement = (
        select(*tables.STATE_COLUMNS, since.label("since"))
        .where(complaint.holder == staff, complaint.status != Status.CLOSED.value)
        .order_by(complaint.next_due_at.nulls_last(), complaint.reference)
    )
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = (await connection.execute(statement)).all()
    return [HeldComplaint(state=await _state_of(engine, row), since=row.since) for row in rows]


async def list_owned(engine: AsyncEngine, staff: str) -> list[OwnedUndertaking]:
    """List the open undertakings of somebody, by reference; also of complaints that are closed.

    Raises RecordUnreachableError, RecordError.
    """
    complaint = tables.complaints.c
    statement = select(*tables.STATE_COLUMNS).where(_owns_undertaking(staff)).order_by(complaint.reference)
    with translate_database_errors():
        async with engine.connect() as connection:
            states = [await _state_of(engine, row) for row in (await connection.execute(statement)).all()]
    return [
        OwnedUndertaking(state=state, undertaking=undertaking)
        for state in states
        for undertaking in state.open_undertakings
        if undertaking.owner == staff
    ]


async def _state_of(engine: AsyncEngine, row: Row[Any]) -> ComplaintState:
    state = await decrypt_state(keys_of(engine), row.reference, row.state, row.encrypted_state)
    return ComplaintState.model_validate(state)


def _owns_undertaking(staff: str) -> ColumnElement[bool]:
    """Build the condition: the complaint has an open undertaking of theirs."""
    complaint = tables.complaints.c
    open_undertakings = select(tables.undertakings.c.reference).where(tables.OPEN_UNDERTAKING)
    is_owner = complaint.state["undertakings"].contains([{"owner": staff, "carried_out_at": None, "replaced_at": None}])
    return and_(complaint.reference.in_(open_undertakings), is_owner)


async def read_worklist(
    engine: AsyncEngine, staff: str, leads: Collection[str], roles: Collection[str] = ()
) -> list[ComplaintState]:
    """List the complaints that somebody has work on.

    These are the open ones that they hold, and those with an undertaking of theirs to carry out. For the tiers in
    `leads` and `roles`: complaints without a holder. For those in `leads`: recommendations of a later tier to answer,
    and complaints without a case handler. States are as last recorded, with their last event only.
    Raises RecordUnreachableError, RecordError.
    """
    complaint = tables.complaints.c
    is_open = complaint.status != Status.CLOSED.value
    conditions = [
        and_(complaint.holder == staff, is_open),
        _owns_undertaking(staff),
        and_(complaint.holder.is_(None), complaint.tier.in_([*leads, *roles]), is_open),
    ]
    if leads:
        conditions.append(and_(complaint.holder.is_(None), complaint.status == Status.WITH_CASE_HANDLER.value))
        awaits_answers = complaint.status == Status.AWAITING_RECOMMENDATIONS.value
        conditions.append(and_(awaits_answers, complaint.tier.not_in(leads)))
    # Each by an index of its own: one condition with OR would read every complaint.
    wanted = union_all(*(select(complaint.reference).where(condition) for condition in conditions))
    return await read_last_states_where(engine, complaint.reference.in_(wanted))
