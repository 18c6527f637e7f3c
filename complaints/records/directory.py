"""Reads the staff directory: what a complaint asks of it, and its members."""

from datetime import date, datetime, timedelta
from typing import Any

from pydantic import TypeAdapter
from sqlalchemy import ColumnElement, Select, false, func, null, or_, select, true
from sqlalchemy.dialects.postgresql import aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.directory import Directory, Member
from complaints.procedure.standing import Found, Question, Standing
from complaints.procedure.terms import Status
from complaints.records import tables
from complaints.records.engine import reaching

_MEMBER = tuple(Member.model_fields)
_MEMBERS = TypeAdapter(list[Member])


async def find(engine: AsyncEngine, question: Question) -> Found:
    """In two statements. Raises RecordUnreachableError, RecordError."""
    asked = [*question.actors, *([question.holder] if question.holder else [])]
    wanted: ColumnElement[bool] = tables.staff.c.id.in_(asked)
    if question.vacancy:
        wanted = or_(wanted, tables.staff.c.roles.contains([question.vacancy.tier]))
    with_held = question.vacancy is not None
    known = await _read(engine, wanted, systems=tables.systems.c.name.in_(asked), with_held=with_held)
    return known.answer(question)


async def whole(engine: AsyncEngine) -> Directory:
    """All of it, with what everybody holds. Raises RecordUnreachableError, RecordError."""
    return await _read(engine, true(), systems=true(), with_held=True)


async def members(engine: AsyncEngine) -> dict[str, Member]:
    """Everybody, by their ids and in their order. Raises RecordUnreachableError, RecordError."""
    return dict((await _read(engine, true(), systems=false(), with_held=False)).members)


async def addressed(connection: AsyncConnection, to: str, on: date) -> list[Member]:
    """Whom a message to staff:ID or lead:TIER is for; leads are those who are active on that day."""
    kind, _, name = to.partition(":")
    staff = tables.staff.c
    wanted = staff.leads.contains([name]) if kind == "lead" else staff.id == name
    rows = (await connection.execute(select_members().where(wanted))).mappings().all()
    found = _MEMBERS.validate_python(rows)
    return [member for member in found if kind != "lead" or member.standing.is_active(on)]


async def _read(
    engine: AsyncEngine, wanted: ColumnElement[bool], *, systems: ColumnElement[bool], with_held: bool
) -> Directory:
    of_members = select_members().add_columns(_held() if with_held else null().label("held")).where(wanted)
    of_systems = select(tables.systems.c.name, tables.systems.c.revoked_at).where(systems)
    with reaching():
        async with engine.connect() as connection:
            rows = (await connection.execute(of_members)).mappings().all()
            found = _MEMBERS.validate_python([{name: row[name] for name in _MEMBER} for row in rows])
            return Directory(
                members={member.id: member for member in found},
                systems={name: _system(name, revoked_at) for name, revoked_at in await connection.execute(of_systems)},
                held={row["id"]: row["held"] for row in rows} if with_held else {},
            )


def _system(name: str, revoked_at: datetime | None) -> Standing:
    """Once revoked, it may act no more on that very day."""
    last_day = (revoked_at - timedelta(days=1)).date() if revoked_at else None
    return Standing(id=name, is_system=True, active_until=last_day)


def select_members() -> Select[*tuple[Any, ...]]:
    """A member's fields for each row; in the order of their ids."""
    staff, absence = tables.staff, tables.absences
    absences = (
        select(
            func.coalesce(
                func.jsonb_agg(
                    aggregate_order_by(
                        func.jsonb_build_object("since", absence.c.since, "until", absence.c.until),
                        absence.c.since,
                        absence.c.until,
                    )
                ),
                func.jsonb_build_array(),
            )
        )
        .where(absence.c.staff == staff.c.id)
        .scalar_subquery()
    )
    return select(*staff.c, absences.label("absences")).order_by(staff.c.id)


def _held() -> Any:
    """How many open complaints each holds."""
    complaint = tables.complaints
    return (
        select(func.count())
        .where(complaint.c.holder == tables.staff.c.id, complaint.c.status != Status.CLOSED.value)
        .scalar_subquery()
        .label("held")
    )
