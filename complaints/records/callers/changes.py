"""Read and number `changes`: what became of complaints, in the order of recording."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import and_, exists, func, select, text, update
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.database import translate_database_errors
from complaints.records.tables import changes, complaints, events

MAX_NUMBERED = 5_000
"""Changes that are numbered in one transaction."""

_TAKE_LOCK = text("SELECT pg_advisory_xact_lock(hashtext('changes'))")


class Position(BaseModel):
    """A place in the changes: after this one."""

    number: int
    reference: str
    sequence: int


class Change(BaseModel):
    """An event of which systems hear, and its complaint as last recorded."""

    number: int
    reference: str
    sequence: int
    at: datetime
    kind: str
    detail: dict[str, Any]
    view: dict[str, Any]
    """The ComplaintView as JSON."""

    @property
    def position(self) -> Position:
        return Position(number=self.number, reference=self.reference, sequence=self.sequence)


async def number_changes(engine: AsyncEngine) -> bool:
    """Give numbers to the changes that are committed; return whether there may be more.

    A change gets its number after its commit, so no lower number appears later: a reader misses none.
    Raises RecordUnreachableError.
    """
    with translate_database_errors():
        async with engine.begin() as connection:
            if not await connection.scalar(select(exists().where(changes.c.number.is_(None)))):
                return False
            await connection.execute(_TAKE_LOCK)
            result = await connection.execute(_NUMBER)
            return result.rowcount == MAX_NUMBERED


async def list_changes(
    engine: AsyncEngine, after: Position | None, limit: int, opened_by: str | None
) -> Sequence[Change]:
    """List the numbered changes after a position. `opened_by` None: of all complaints.

    Raises RecordUnreachableError.
    """
    change, event = changes.c, events.c
    is_event = and_(event.reference == change.reference, event.sequence == change.sequence)
    statement = (
        select(change.number, change.reference, change.sequence, event.at, event.kind, event.detail, complaints.c.view)
        .join(events, is_event)
        .join(complaints, complaints.c.reference == change.reference)
        .where(change.number > (after.number if after else 0))
        .order_by(change.number)
        .limit(limit)
    )
    if opened_by is not None:
        statement = statement.where(change.opened_by == opened_by)
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = (await connection.execute(statement)).mappings()
            return [Change.model_validate(dict(row)) for row in rows]


async def has_position(engine: AsyncEngine, position: Position, opened_by: str | None) -> bool:
    """Whether the record has this change under this number.

    After a restore to an older state it may not. Raises RecordUnreachableError.
    """
    change = changes.c
    is_there = exists().where(*(change[name] == value for name, value in position.model_dump().items()))
    if opened_by is not None:
        is_there = is_there.where(change.opened_by == opened_by)
    with translate_database_errors():
        async with engine.connect() as connection:
            return bool(await connection.scalar(select(is_there)))


def _number_statement() -> Any:
    unnumbered = select(changes.c.id).where(changes.c.number.is_(None)).order_by(changes.c.id).limit(MAX_NUMBERED)
    new = unnumbered.cte("new")
    position = select(new.c.id, func.row_number().over(order_by=new.c.id).label("position")).cte("position")
    last = select(func.coalesce(func.max(changes.c.number), 0)).scalar_subquery()
    return update(changes).values(number=last + position.c.position).where(changes.c.id == position.c.id)


_NUMBER = _number_statement()
