"""Write the staff directory (`staff`, `absences`) and its changes (`staff_changes`)."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from pydantic import BaseModel, TypeAdapter
from sqlalchemy import delete, insert, select, text
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.records import tables
from complaints.records.database import translate_database_errors
from complaints.records.directory import select_members
from complaints.staff.members import InvalidMemberError, Member

_MEMBERS = TypeAdapter(list[Member])
_LOCK_STAFF = text("LOCK TABLE staff IN SHARE ROW EXCLUSIVE MODE")
"""Keeps other writers out between read and write; readers do not wait."""


class SystemNameError(ValueError):
    """The id is the name of a system, or was."""


class StaffChange(BaseModel):
    """One change of one member of staff."""

    staff: str
    at: datetime
    by: str
    changed: dict[str, tuple[Any, Any]]
    """Old and new value by field; of a new member, every field with a value."""


async def update_members(
    engine: AsyncEngine,
    ids: Collection[str],
    change: Callable[[Mapping[str, Member]], Iterable[Member]],
    *,
    at: datetime,
    by: str,
) -> list[StaffChange]:
    """Apply `change` to the members with these ids, in one transaction; return the differences.

    `change` gets the existing members by id and returns members to write. If it raises, nothing is written.
    Raises SystemNameError, InvalidMemberError for a subject of another member, RecordUnreachableError, RecordError.
    """
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(_LOCK_STAFF)
            rows = await connection.execute(select_members().where(tables.staff.c.id.in_(ids)))
            before = {member.id: member for member in _MEMBERS.validate_python(rows.mappings().all())}
            after = {member.id: member for member in change(before)}
            await _reject_system_names(connection, after.keys() - before.keys())
            await _reject_taken_subjects(connection, after)
            changes = [
                StaffChange(staff=member.id, at=at, by=by, changed=changed)
                for member in after.values()
                if (changed := _differences(before.get(member.id), member))
            ]
            if changes:
                await _write(connection, [after[change.staff] for change in changes])
                await connection.execute(insert(tables.staff_changes), [change.model_dump() for change in changes])
            return changes


async def list_changes(engine: AsyncEngine, staff: str) -> list[StaffChange]:
    """List a member's changes, oldest first. Raises RecordUnreachableError, RecordError."""
    table = tables.staff_changes
    statement = select(table.c.staff, table.c.at, table.c.by, table.c.changed)
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = await connection.execute(statement.where(table.c.staff == staff).order_by(table.c.number))
            return [StaffChange.model_validate(dict(row)) for row in rows.mappings()]


async def _reject_system_names(connection: AsyncConnection, new: Collection[str]) -> None:
    names_of_systems = (
        select(tables.systems.c.name).where(tables.systems.c.name.in_(new)).order_by(tables.systems.c.name)
    )
    if names := list(await connection.scalars(names_of_systems)):
        raise SystemNameError(f"{', '.join(names)}: the name of a system; choose another id (complaints systems list)")


async def _reject_taken_subjects(connection: AsyncConnection, after: Mapping[str, Member]) -> None:
    """Raise InvalidMemberError if two members would have one subject; a token must name one."""
    staff = tables.staff.c
    subjects = [member.subject for member in after.values() if member.subject]
    if not subjects:
        return
    others = await connection.execute(
        select(staff.subject, staff.id).where(staff.subject.in_(subjects), staff.id.not_in(after))
    )
    owners: dict[str | None, str] = {row.subject: row.id for row in others}
    for member in after.values():
        if member.subject and (owner := owners.setdefault(member.subject, member.id)) != member.id:
            raise InvalidMemberError([f"subject: it is {owner}'s already; give {member.id} their own"])


def _differences(before: Member | None, after: Member) -> dict[str, tuple[Any, Any]]:
    old: dict[str, Any] = before.model_dump(mode="json") if before else {}
    new = {name: value for name, value in after.model_dump(mode="json").items() if before or value}
    return {name: (old.get(name), value) for name, value in new.items() if old.get(name) != value}


async def _write(connection: AsyncConnection, members: list[Member]) -> None:
    staff, absences = tables.staff, tables.absences
    insertion = upsert(staff)
    fields = {c.name: insertion.excluded[c.name] for c in staff.c if not c.primary_key}
    rows = [member.model_dump(exclude={"absences"}) for member in members]
    await connection.execute(insertion.on_conflict_do_update(index_elements=[staff.c.id], set_=fields), rows)
    await connection.execute(delete(absences).where(absences.c.staff.in_([member.id for member in members])))
    absence_rows = [{"staff": member.id, **absence.model_dump()} for member in members for absence in member.absences]
    if absence_rows:
        await connection.execute(insert(absences), absence_rows)
