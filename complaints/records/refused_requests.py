"""The record of requests that were refused for want of a right: counted, so that nobody can flood it."""

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.database import translate_database_errors
from complaints.records.tables import refused_requests


class RefusedRequests(BaseModel):
    """How often one system, or nobody known, was refused the same for the same reason on a day."""

    day: date
    """In UTC."""
    reason: str
    system: str
    """Empty where it is not known."""
    request: str
    times: int
    first_at: datetime
    last_at: datetime


async def count(engine: AsyncEngine, refused: Sequence[RefusedRequests]) -> None:
    """Add to what is on the record. Raises RecordUnreachableError."""
    table = refused_requests
    put = insert(table)
    add = put.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={
            "times": table.c.times + put.excluded.times,
            "first_at": func.least(table.c.first_at, put.excluded.first_at),
            "last_at": func.greatest(table.c.last_at, put.excluded.last_at),
        },
    )
    rows = sorted((each.model_dump() for each in refused), key=lambda row: [str(value) for value in row.values()])
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(add, rows)


async def since(engine: AsyncEngine, day: date) -> list[RefusedRequests]:
    """The newest day first. Raises RecordUnreachableError."""
    table = refused_requests
    wanted = select(table).where(table.c.day >= day).order_by(table.c.day.desc(), table.c.system, table.c.reason)
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = (await connection.execute(wanted)).mappings()
            return [RefusedRequests.model_validate(dict(row)) for row in rows]
