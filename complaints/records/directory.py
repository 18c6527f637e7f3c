"""Read the staff directory: `staff`, `absences`, `systems`, and the holders in `complaints`."""

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


async def answer_query(engine: AsyncEngine, query: DirectoryQuery) -> DirectoryResult:
    """Answer a complaint's query in one round trip. Raises RecordUnreachableError, RecordError."""
    ids = list(query.staff_ids)
    if query.assignment:
        directory = await _read(engine, _REQUESTED_AND_CANDIDATES, ids=ids, role=query.assignment.tier)
    else:
        directory = await _read(engine, _REQUESTED, ids=ids)
    return directory.resolve(query)


async def read_directory(engine: AsyncEngine) -> Directory:
    """Read the whole directory. Raises RecordUnreachableError, RecordError."""
    return await _read(engine, _EVERYTHING)


async def read_members(engine: AsyncEngine) -> dict[str, Member]:
    """Read every member by id, in order. Raises RecordUnreachableError, RecordError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            members = _MEMBERS.validate_python((await connection.execute(select_members())).mappings().all())
    return {member.id: member for member in members}


async def list_recipients(connection: AsyncConnection, to: str, on: date) -> list[Member]:
    """List the recipients of a message to staff:ID, lead:TIER or role:TIER.

    Leads, and staff with the tier's role, only if active on that day.
    """
    kind, _, name = to.partition(":")
    staff = tables.staff.c
    is_recipient = {
        "lead": staff.leads.contains([name]),
        "role": staff.roles.contains([name]),
    }.get(kind, staff.id == name)
    rows = (await connection.execute(select_members().where(is_recipient))).mappings().all()
    members = _MEMBERS.validate_python(rows)
    return [member for member in members if kind == "staff" or member.authority.is_active(on)]


async def _read(engine: AsyncEngine, statement: Select[Any], **parameters: Any) -> Directory:
    with translate_database_errors():
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            people, systems, held, unconfirmed = (await connection.execute(statement, parameters)).one()
    return Directory(
        members={member.id: member for member in _MEMBERS.validate_python(people)},
        systems={system.authority.id: system.authority for system in _SYSTEMS.validate_python(systems)},
        holding_counts=held or {},
        unconfirmed=frozenset(unconfirmed or ()),
    )


class _System(BaseModel):
    name: str
    revoked_at: datetime | None

    @property
    def authority(self) -> StaffAuthority:
        """The authority of a system ends before the day on which it is revoked."""
        last_day = (self.revoked_at - timedelta(days=1)).date() if self.revoked_at else None
        return StaffAuthority(id=self.name, is_system=True, active_until=last_day)


_SYSTEMS = TypeAdapter(list[_System])


def select_members() -> Select[*tuple[Any, ...]]:
    """Select the fields of each member, with absences, in the order of ids."""
    staff, absence = tables.staff, tables.absences
    absence_object = func.jsonb_build_object("since", absence.c.since, "until", absence.c.until)
    absences = (
        select(_json_array(absence_object, absence.c.since, absence.c.until))
        .where(absence.c.staff == staff.c.id)
        .scalar_subquery()
    )
    return select(*staff.c, absences.label("absences")).order_by(staff.c.id)


def _select_directory(
    of_members: ColumnElement[bool], of_systems: ColumnElement[bool], *, with_held: bool
) -> Select[tuple[Any, Any, Any, Any]]:
    """Select members and systems as JSON, how many complaints they hold, and who is unconfirmed."""
    staff, systems, complaint = tables.staff, tables.systems, tables.complaints
    people = select_members().where(of_members).subquery("people")
    callers = select(systems.c.name, systems.c.revoked_at).where(of_systems).subquery("callers")
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
    confirmations = tables.access_confirmations.c
    unconfirmed = select(func.array_agg(confirmations.name)).where(confirmations.confirmed_at.is_(None))
    return select(
        _json_list(people, people.c.id), _json_list(callers, callers.c.name), held, unconfirmed.scalar_subquery()
    )


def _json_list(rows: Subquery, by: ColumnElement[Any]) -> ScalarSelect[Any]:
    return select(_json_array(func.to_jsonb(rows.table_valued()), by)).scalar_subquery()


def _json_array(each: ColumnElement[Any], *by: ColumnElement[Any]) -> ColumnElement[Any]:
    """Aggregate all rows in order; an empty array if there are none."""
    return func.coalesce(func.jsonb_agg(aggregate_order_by(each, *by)), func.jsonb_build_array())


def _is_requested(name: Column[str]) -> ColumnElement[bool]:
    return name == any_(bindparam("ids", type_=ARRAY(Text)))


_REQUESTED = _select_directory(_is_requested(tables.staff.c.id), _is_requested(tables.systems.c.name), with_held=False)
_REQUESTED_AND_CANDIDATES = _select_directory(
    or_(_is_requested(tables.staff.c.id), bindparam("role", type_=Text) == any_(tables.staff.c.roles)),
    _is_requested(tables.systems.c.name),
    with_held=True,
)
_EVERYTHING = _select_directory(true(), true(), with_held=True)
