"""Count denied requests in `refused_requests`, so that a flood adds few rows."""

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.database import translate_database_errors
from complaints.records.tables import refused_requests


class RefusedRequests(BaseModel):
    """How often one caller was denied one request for one reason on one day."""

    day: date
    """In UTC."""
    reason: str
    system: str
    """Empty where the caller is unknown."""
    request: str
    times: int
    first_at: datetime
    last_at: datetime


async def add_counts(engine: AsyncEngine, refused: Sequence[RefusedRequests]) -> None:
    """Add counts to those on the record. Raises RecordUnreachableError."""
    table = refused_requests
    insertion = insert(table)
    upsert = insertion.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={
            "times": table.c.times + insertion.excluded.times,
            "first_at": func.least(table.c.first_at, insertion.excluded.first_at),
            "last_at": func.greatest(table.c.last_at, insertion.excluded.last_at),
        },
    )
    rows = sorted((counts.model_dump() for counts in refused), key=lambda row: [str(value) for value in row.values()])
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(upsert, rows)


async def list_since(engine: AsyncEngine, day: date) -> list[RefusedRequests]:
    """List counts since a day, newest day first. Raises RecordUnreachableError."""
    table = refused_requests
    statement = select(table).where(table.c.day >= day).order_by(table.c.day.desc(), table.c.system, table.c.reason)
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = (await connection.execute(statement)).mappings()
            return [RefusedRequests.model_validate(dict(row)) for row in rows]
