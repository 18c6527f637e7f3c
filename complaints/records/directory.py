"""Reads the staff directory: what a complaint asks of it, and its members."""

from datetime import date, datetime, timedelta
from typing import Any

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import (
    Column,
    ColumnElement,
    ScalarSelect,
    Select,
    Subquery,
    Text,
    and_,
    any_,
    bindparam,
    func,
    literal,
    null,
    or_,
    select,
    true,
)
from sqlalchemy.dialects.postgresql import ARRAY, aggregate_order_by
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.procedure.directory_lookup import DirectoryQuery, DirectoryResult, StaffAuthority
from complaints.procedure.enums import Status
from complaints.records import tables
from complaints.records.database import translate_database_errors
from complaints.staff.directory import Directory
from complaints.staff.members import Member

_MEMBERS = TypeAdapter(list[Member])


async def find(engine: AsyncEngine, question: DirectoryQuery) -> DirectoryResult:
    """An act waits for it: one statement in one round trip. Raises RecordUnreachableError, RecordError."""
    asked = list(question.staff_ids)
    if question.assignment:
        known = await _read(engine, _ASKED_AND_OF_A_ROLE, asked=asked, role=question.assignment.tier)
    else:
        known = await _read(engine, _ASKED, asked=asked)
    return known.answer(question)


async def whole(engine: AsyncEngine) -> Directory:
    """All of it, with what everybody holds. Raises RecordUnreachableError, RecordError."""
    return await _read(engine, _WHOLE)


async def members(engine: AsyncEngine) -> dict[str, Member]:
    """Everybody, by their ids and in their order. Raises RecordUnreachableError, RecordError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            found = _MEMBERS.validate_python((await connection.execute(select_members())).mappings().all())
    return {member.id: member for member in found}


async def addressed(connection: AsyncConnection, to: str, on: date) -> list[Member]:
    """Whom a message to staff:ID or lead:TIER is for; leads are those who are active on that day."""
    kind, _, name = to.partition(":")
    staff = tables.staff.c
    wanted = staff.leads.contains([name]) if kind == "lead" else staff.id == name
    rows = (await connection.execute(select_members().where(wanted))).mappings().all()
    found = _MEMBERS.validate_python(rows)
    return [member for member in found if kind != "lead" or member.standing.is_active(on)]


async def _read(engine: AsyncEngine, statement: Select[Any], **given: Any) -> Directory:
    with translate_database_errors():
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            people, called, held = (await connection.execute(statement, given)).one()
    return Directory(
        members={member.id: member for member in _MEMBERS.validate_python(people)},
        systems={system.name: system.standing for system in _SYSTEMS.validate_python(called)},
        held=held or {},
    )


class _System(BaseModel):
    name: str
    revoked_at: datetime | None

    @property
    def standing(self) -> StaffAuthority:
        """Once revoked, it may act no more on that very day."""
        last_day = (self.revoked_at - timedelta(days=1)).date() if self.revoked_at else None
        return StaffAuthority(id=self.name, is_system=True, active_until=last_day)


_SYSTEMS = TypeAdapter(list[_System])


def select_members() -> Select[*tuple[Any, ...]]:
    """A member's fields for each row; in the order of their ids."""
    staff, absence = tables.staff, tables.absences
    each = func.jsonb_build_object("since", absence.c.since, "until", absence.c.until)
    absences = (
        select(_array(each, absence.c.since, absence.c.until)).where(absence.c.staff == staff.c.id).scalar_subquery()
    )
    return select(*staff.c, absences.label("absences")).order_by(staff.c.id)


def _reading(
    of_members: ColumnElement[bool], of_systems: ColumnElement[bool], *, with_held: bool
) -> Select[tuple[Any, Any, Any]]:
    """Members and systems, each as a list of objects; and how many open complaints each of those members holds."""
    staff, systems, complaint = tables.staff, tables.systems, tables.complaints
    people = select_members().where(of_members).subquery("people")
    called = select(systems.c.name, systems.c.revoked_at).where(of_systems).subquery("called")
    holding = (
        select(staff.c.id, func.count(complaint.c.reference).label("number"))
        .outerjoin(
            complaint,
            and_(
                complaint.c.holder == staff.c.id,
                complaint.c.status != literal(Status.CLOSED.value, literal_execute=True),
            ),
        )
        .where(of_members)
        .group_by(staff.c.id)
        .subquery("holding")
    )
    held = select(func.jsonb_object_agg(holding.c.id, holding.c.number)).scalar_subquery() if with_held else null()
    return select(_listed(people, people.c.id), _listed(called, called.c.name), held)


def _listed(rows: Subquery, by: ColumnElement[Any]) -> ScalarSelect[Any]:
    return select(_array(func.to_jsonb(rows.table_valued()), by)).scalar_subquery()


def _array(each: ColumnElement[Any], *by: ColumnElement[Any]) -> ColumnElement[Any]:
    """Of all rows, in that order; of none, an empty one."""
    return func.coalesce(func.jsonb_agg(aggregate_order_by(each, *by)), func.jsonb_build_array())


def _is_asked(name: Column[str]) -> ColumnElement[bool]:
    return name == any_(bindparam("asked", type_=ARRAY(Text)))


_ASKED = _reading(_is_asked(tables.staff.c.id), _is_asked(tables.systems.c.name), with_held=False)
_ASKED_AND_OF_A_ROLE = _reading(
    or_(_is_asked(tables.staff.c.id), bindparam("role", type_=Text) == any_(tables.staff.c.roles)),
    _is_asked(tables.systems.c.name),
    with_held=True,
)
_WHOLE = _reading(true(), true(), with_held=True)
