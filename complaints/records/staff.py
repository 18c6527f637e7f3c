"""Writes the staff directory: all that one command changes or nothing, and who changed what when."""

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
from complaints.staff.members import Member

_MEMBERS = TypeAdapter(list[Member])
_ONE_AT_A_TIME = text("LOCK TABLE staff IN SHARE ROW EXCLUSIVE MODE")
"""What is changed is what was read; who only reads, waits for nobody."""


class SystemsNameError(ValueError):
    """A system has that name, or had it."""


class StaffChange(BaseModel):
    """What somebody changed of one member of staff."""

    staff: str
    at: datetime
    by: str
    changed: dict[str, tuple[Any, Any]]
    """By field: what it was, and what it became. Of a new member, all that is known."""


async def revise(
    engine: AsyncEngine,
    ids: Collection[str],
    wanted: Callable[[Mapping[str, Member]], Iterable[Member]],
    *,
    at: datetime,
    by: str,
) -> list[StaffChange]:
    """What `wanted` makes of those members who are there; returns what that changed: nothing, where they were so.

    What it raises leaves everything as it was. Raises SystemsNameError, RecordUnreachableError, RecordError.
    """
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(_ONE_AT_A_TIME)
            rows = await connection.execute(select_members().where(tables.staff.c.id.in_(ids)))
            before = {member.id: member for member in _MEMBERS.validate_python(rows.mappings().all())}
            after = {member.id: member for member in wanted(before)}
            await _refuse_systems(connection, after.keys() - before.keys())
            changes = [
                StaffChange(staff=member.id, at=at, by=by, changed=changed)
                for member in after.values()
                if (changed := _differences(before.get(member.id), member))
            ]
            if changes:
                await _write(connection, [after[change.staff] for change in changes])
                await connection.execute(insert(tables.staff_changes), [change.model_dump() for change in changes])
            return changes


async def history(engine: AsyncEngine, staff: str) -> list[StaffChange]:
    """In the order in which it happened. Raises RecordUnreachableError, RecordError."""
    table = tables.staff_changes
    wanted = select(table.c.staff, table.c.at, table.c.by, table.c.changed)
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = await connection.execute(wanted.where(table.c.staff == staff).order_by(table.c.number))
            return [StaffChange.model_validate(dict(row)) for row in rows.mappings()]


async def _refuse_systems(connection: AsyncConnection, new: Collection[str]) -> None:
    """Raises SystemsNameError."""
    taken = select(tables.systems.c.name).where(tables.systems.c.name.in_(new)).order_by(tables.systems.c.name)
    if names := list(await connection.scalars(taken)):
        raise SystemsNameError(f"{', '.join(names)}: the name of a system; see complaints systems list")


def _differences(before: Member | None, after: Member) -> dict[str, tuple[Any, Any]]:
    was: dict[str, Any] = before.model_dump(mode="json") if before else {}
    known = {name: value for name, value in after.model_dump(mode="json").items() if before or value}
    return {name: (was.get(name), value) for name, value in known.items() if was.get(name) != value}


async def _write(connection: AsyncConnection, members: list[Member]) -> None:
    staff, absences = tables.staff, tables.absences
    put = upsert(staff)
    fields = {c.name: put.excluded[c.name] for c in staff.c if not c.primary_key}
    rows = [member.model_dump(exclude={"absences"}) for member in members]
    await connection.execute(put.on_conflict_do_update(index_elements=[staff.c.id], set_=fields), rows)
    await connection.execute(delete(absences).where(absences.c.staff.in_([member.id for member in members])))
    away = [{"staff": member.id, **absence.model_dump()} for member in members for absence in member.absences]
    if away:
        await connection.execute(insert(absences), away)
