"""Dump every table, for comparison."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records import tables

Rows = dict[str, list[tuple[Any, ...]]]


async def everything(engine: AsyncEngine) -> Rows:
    """Return all rows of all tables."""
    async with engine.connect() as connection:
        return {
            table.name: [tuple(row) for row in await connection.execute(select(table).order_by(*table.primary_key))]
            for table in tables.metadata.sorted_tables
        }


async def count(engine: AsyncEngine) -> dict[str, int]:
    return {name: len(rows) for name, rows in (await everything(engine)).items()}
