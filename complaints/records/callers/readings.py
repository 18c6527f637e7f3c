"""Count in `readings` who read people's words, so that many requests add few rows."""

from collections.abc import Sequence
from datetime import date, datetime

from pydantic import BaseModel
from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.database import translate_database_errors
from complaints.records.tables import readings


class Readings(BaseModel):
    """How often one member of staff read the words of one complaint on one day."""

    reference: str
    staff: str
    day: date
    """In UTC."""
    times: int
    first_at: datetime
    last_at: datetime


async def add_readings(engine: AsyncEngine, read: Sequence[Readings]) -> None:
    """Add counts to those on the record. Raises RecordUnreachableError."""
    insertion = insert(readings)
    upsert = insertion.on_conflict_do_update(
        index_elements=list(readings.primary_key),
        set_={
            "times": readings.c.times + insertion.excluded.times,
            "first_at": func.least(readings.c.first_at, insertion.excluded.first_at),
            "last_at": func.greatest(readings.c.last_at, insertion.excluded.last_at),
        },
    )
    rows = sorted((each.model_dump() for each in read), key=lambda row: (row["reference"], row["staff"], row["day"]))
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(upsert, rows)


async def list_readings(engine: AsyncEngine, reference: str) -> list[Readings]:
    """List who read the words of a complaint, newest day first. Raises RecordUnreachableError."""
    statement = (
        select(readings)
        .where(readings.c.reference == reference)
        .order_by(readings.c.day.desc(), readings.c.last_at.desc(), readings.c.staff)
    )
    with translate_database_errors():
        async with engine.connect() as connection:
            return [Readings.model_validate(dict(row)) for row in (await connection.execute(statement)).mappings()]
