"""Takes the people out of the record, and leaves a tombstone; events, and so every figure, stay."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.messages.key import COMPLAINANT
from complaints.procedure.anonymisation import state_without_people, view_without_people
from complaints.records import tables
from complaints.records.database import translate_database_errors
from complaints.records.tombstone import Tombstone, TombstoneKind

NOBODY_TO_WRITE_TO = "whom it was for is no longer on the record"
UNREADABLE = "erased"
"""In place of a form's digest: the reference stays taken, and no form is the same one again."""


async def anonymise(engine: AsyncEngine, references: Sequence[str], at: datetime, by: str | None, why: str) -> None:
    """Take the people out of complaints whose time is over: all of them, or none. Raises RecordUnreachableError."""
    with translate_database_errors():
        async with engine.begin() as connection:
            await _take_people_out(connection, references)
            stone = {"kind": TombstoneKind.ANONYMISED, "asked_at": at, "by": by, "why": why, "done_at": at}
            put = insert(tables.tombstones).values([{"reference": each, **stone} for each in references])
            await connection.execute(put.on_conflict_do_nothing())


async def create_tombstone(engine: AsyncEngine, reference: str, at: datetime, by: str, reason: str) -> None:
    """Say that a complaint is to be erased: from here on, nothing more of it is recorded.

    Raises RecordUnreachableError.
    """
    put = insert(tables.tombstones).values(
        reference=reference, kind=TombstoneKind.ERASED, asked_at=at, by=by, why=reason, done_at=None
    )
    again = put.on_conflict_do_update(
        index_elements=[tables.tombstones.c.reference],
        set_={name: put.excluded[name] for name in ("kind", "asked_at", "by", "why", "done_at")},
        where=tables.tombstones.c.kind == TombstoneKind.ANONYMISED,
    )
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(again)


async def erase(engine: AsyncEngine, reference: str, at: datetime) -> None:
    """What `bury` announced; again, to no further effect. Raises RecordUnreachableError."""
    table = tables.complaints
    with translate_database_errors():
        async with engine.begin() as connection:
            await _take_people_out(connection, [reference])
            await connection.execute(update(table).where(table.c.reference == reference).values(form_digest=UNREADABLE))
            await connection.execute(
                update(tables.tombstones)
                .where(tables.tombstones.c.reference == reference, tables.tombstones.c.done_at.is_(None))
                .values(done_at=at)
            )


async def tombstone(engine: AsyncEngine, reference: str) -> Tombstone | None:
    """Raises RecordUnreachableError."""
    table = tables.tombstones
    with translate_database_errors():
        async with engine.connect() as connection:
            row = (
                (await connection.execute(select(table).where(table.c.reference == reference))).mappings().one_or_none()
            )
    return Tombstone.model_validate(dict(row)) if row else None


async def promises_open(engine: AsyncEngine, reference: str) -> list[int]:
    """The numbers of the undertakings that are still to be carried out. Raises RecordUnreachableError."""
    table = tables.undertakings
    wanted = select(table.c.number).where(table.c.reference == reference, table.c.carried_out_at.is_(None))
    with translate_database_errors():
        async with engine.connect() as connection:
            return list(await connection.scalars(wanted.order_by(table.c.number)))


async def _take_people_out(connection: AsyncConnection, references: Sequence[str]) -> None:
    table, words = tables.complaints, tables.free_text
    wanted = select(table.c.reference, table.c.state, table.c.view).where(table.c.reference.in_(references))
    complaints, promises = [], []
    for row in await connection.execute(wanted.order_by(table.c.reference).with_for_update()):
        state = state_without_people(row.state)
        complaints.append({"of": row.reference, "new_state": state, "new_view": view_without_people(row.view, state)})
        promises += [{"of": row.reference, "promise": p["number"], "now": p["what"]} for p in state["undertakings"]]
    await connection.execute(_PUT_COMPLAINTS, complaints)
    if promises:
        await connection.execute(_PUT_UNDERTAKINGS, promises)
    letters = tables.deliveries
    await connection.execute(
        update(letters)
        .where(letters.c.reference.in_(references), letters.c.to == COMPLAINANT)
        .where(letters.c.sent_at.is_(None), letters.c.held_at.is_(None))
        .values(held_at=letters.c.owed_at, why=NOBODY_TO_WRITE_TO)
    )
    said = words.c.reference.in_(references)
    await connection.execute(update(words).where(said, words.c.text != "").values(text=""))


_PUT_COMPLAINTS = (
    update(tables.complaints)
    .where(tables.complaints.c.reference == bindparam("of"))
    .values(state=bindparam("new_state"), view=bindparam("new_view"))
)
_PUT_UNDERTAKINGS = (
    update(tables.undertakings)
    .where(tables.undertakings.c.reference == bindparam("of"), tables.undertakings.c.number == bindparam("promise"))
    .values(what=bindparam("now"))
)
