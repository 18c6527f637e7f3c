"""Dump every table, for comparison."""

from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.records import tables

Rows = dict[str, list[tuple[Any, ...]]]


async def everything(engine: AsyncEngine) -> Rows:
    """Return all rows of all tables, without `recorded_at`, which depends on a clock."""
    async with engine.connect() as connection:
        return {table.name: await _rows(connection, table) for table in tables.metadata.sorted_tables}


async def _rows(connection: AsyncConnection, table: Table) -> list[tuple[Any, ...]]:
    columns = [column for column in table.c if column.name != "recorded_at"]
    return [tuple(row) for row in await connection.execute(select(*columns).order_by(*table.primary_key))]


async def count(engine: AsyncEngine) -> dict[str, int]:
    return {name: len(rows) for name, rows in (await everything(engine)).items()}
