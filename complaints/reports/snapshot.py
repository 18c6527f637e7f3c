"""Query the record in one read-only snapshot, so that all figures of a report agree."""

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

QUERIES_FOLDER = Path(__file__).with_name("queries")

TRANSACTION_SETTINGS = {
    "idle_in_transaction_session_timeout": "0",  # a reader may pause; it holds no lock that others need
    "work_mem": "32MB",
    "jit": "off",
}

SCALAR_TYPES: dict[type, TypeEngine[Any]] = {datetime: INSTANT, str: Text(), int: BigInteger(), date: Date()}
LIST_TYPES: dict[type, TypeEngine[Any]] = {str: ARRAY(Text), date: ARRAY(Date), int: ARRAY(Integer)}


class Snapshot:
    """The record at one instant."""

    def __init__(self, connection: AsyncConnection) -> None:
        self.connection = connection

    async def rows(self, name: str, **parameters: Any) -> Sequence[RowMapping]:
        """Run the query `queries/NAME.sql` with its named parameters."""
        rows = await self.connection.execute(_bind_types(load_query(name), parameters), parameters)
        return rows.mappings().all()

    async def rows_by_hash_join(self, name: str, **parameters: Any) -> Sequence[RowMapping]:
        """Run a query that joins materialised CTEs, without nested loops.

        CTEs have no statistics: the planner expects one row where there are a hundred thousand.
        """
        await self.connection.execute(text("SET LOCAL enable_nestloop = 'off'"))
        rows = await self.rows(name, **parameters)
        await self.connection.execute(text("SET LOCAL enable_nestloop = 'on'"))
        return rows

    async def row(self, name: str, **parameters: Any) -> RowMapping:
        [row] = await self.rows(name, **parameters)
        return row


@asynccontextmanager
async def open_snapshot(engine: AsyncEngine) -> AsyncIterator[Snapshot]:
    """Open a read-only snapshot. Raises RecordUnreachableError, RecordError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
            for name, value in TRANSACTION_SETTINGS.items():
                await connection.execute(text(f"SET LOCAL {name} = '{value}'"))
            yield Snapshot(connection)


def working_day_counts(calendar: WorkingCalendar) -> dict[str, Any]:
    """Count working days up to each day of a calendar; a difference is a duration (R2)."""
    days = (calendar.first + n * DAY for n in range((calendar.last - calendar.first).days + 1))
    return {
        "first_day": calendar.first,
        "working_days": list(accumulate(map(calendar.is_working_day, days), initial=0))[1:],
    }


@cache
def load_query(name: str) -> str:
    """Load a query; `{reviews}` includes the CTEs of `_reviews.sql`."""
    sql = (QUERIES_FOLDER / f"{name}.sql").read_text(encoding="utf-8")
    return sql.replace("{reviews}", load_query("_reviews").strip()) if "{reviews}" in sql else sql


def _bind_types(sql: str, parameters: dict[str, Any]) -> TextClause:
    """Declare each parameter's type; a list has the type of its first item."""
    kinds = {
        name: LIST_TYPES[type(value[0])] if isinstance(value, list) else SCALAR_TYPES[type(value)]
        for name, value in parameters.items()
    }
    return text(sql).bindparams(*(bindparam(name, type_=kind) for name, kind in kinds.items()))
