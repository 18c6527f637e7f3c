"""One consistent look at the record: all figures of a report come from the same instant, and nothing is changed."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import date, datetime
from functools import cache
from itertools import accumulate
from pathlib import Path
from typing import Any

from sqlalchemy import ARRAY, BigInteger, Date, Integer, RowMapping, Text, bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from sqlalchemy.sql.expression import TextClause
from sqlalchemy.types import TypeEngine

from complaints.procedure.dates.calendar import DAY, WorkingCalendar
from complaints.records.database import translate_database_errors
from complaints.records.tables import INSTANT

QUERIES = Path(__file__).with_name("queries")

SETTINGS = {
    "idle_in_transaction_session_timeout": "0",  # whoever reads may pause; nothing waits for them
    "work_mem": "32MB",
    "jit": "off",
}

TYPES: dict[type, TypeEngine[Any]] = {datetime: INSTANT, str: Text(), int: BigInteger(), date: Date()}
LISTS: dict[type, TypeEngine[Any]] = {str: ARRAY(Text), date: ARRAY(Date), int: ARRAY(Integer)}


class Snapshot:
    """The record as it stands at one instant."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def rows(self, name: str, **given: Any) -> Sequence[RowMapping]:
        """What the query of that name answers; `given` is what stands in it after a colon."""
        found = await self.connection.execute(_typed(query(name), given), given)
        return found.mappings().all()

    async def rows_of_many(self, name: str, **given: Any) -> Sequence[RowMapping]:
        """The same for a query that joins what it has gathered itself.

        That has no statistics: one row is expected of it, and a hundred thousand come.
        """
        await self.connection.execute(text("SET LOCAL enable_nestloop = 'off'"))
        rows = await self.rows(name, **given)
        await self.connection.execute(text("SET LOCAL enable_nestloop = 'on'"))
        return rows

    async def row(self, name: str, **given: Any) -> RowMapping:
        [row] = await self.rows(name, **given)
        return row


@asynccontextmanager
async def snapshot(engine: AsyncEngine) -> AsyncIterator[Snapshot]:
    """Raises RecordUnreachableError, RecordError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            for name, value in SETTINGS.items():
                await connection.execute(text(f"SET LOCAL {name} = '{value}'"))
            yield Snapshot(connection)


def counted_days(calendar: WorkingCalendar) -> dict[str, Any]:
    """For each day of the calendar how many working days it has up to then: two of them tell what lies between (R2)."""
    days = (calendar.first + n * DAY for n in range((calendar.last - calendar.first).days + 1))
    return {
        "first_day": calendar.first,
        "working_days": list(accumulate(map(calendar.is_working_day, days), initial=0))[1:],
    }


@cache
def query(name: str) -> str:
    """`{reviews}` stands for what the queries about reviews begin with."""
    written = (QUERIES / f"{name}.sql").read_text(encoding="utf-8")
    return written.replace("{reviews}", query("_reviews").strip()) if "{reviews}" in written else written


def _typed(statement: str, given: dict[str, Any]) -> TextClause:
    """PostgreSQL is told the type of each value, a list's by its first one."""
    kinds = {
        name: LISTS[type(value[0])] if isinstance(value, list) else TYPES[type(value)] for name, value in given.items()
    }
    return text(statement).bindparams(*(bindparam(name, type_=kind) for name, kind in kinds.items()))
