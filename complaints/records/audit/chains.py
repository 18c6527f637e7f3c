"""Read the chains of complaints, with what is needed to check them."""

from collections.abc import AsyncGenerator, Collection, Sequence
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.audit.roots import Leaf
from complaints.procedure.state import Event
from complaints.records import tables
from complaints.records.database import translate_database_errors

BATCH_SIZE = 100
"""Complaints that are in memory at once."""


class RecordedChain(NamedTuple):
    """A complaint's events in order, with their free text."""

    reference: str
    events: Sequence[Event]
    last: int
    """The number of its last event, by the complaint's row."""
    words_salt: str | None
    """None: the complaint was anonymised, or is to be erased."""


async def read_chains(engine: AsyncEngine, references: Collection[str] | None = None) -> AsyncGenerator[RecordedChain]:
    """Stream the chains of these complaints, None: of all, by reference.

    Each batch is of one snapshot. Raises RecordUnreachableError.
    """
    last = ""
    while True:
        with translate_database_errors():
            async with engine.connect() as connection:
                await connection.execution_options(isolation_level="REPEATABLE READ")
                batch = await _read_batch(connection, last, references)
        for chain in batch:
            yield chain
        if len(batch) < BATCH_SIZE:
            return
        last = batch[-1].reference


async def read_heads(engine: AsyncEngine) -> list[Leaf]:
    """Read the head of every chain. Raises RecordUnreachableError."""
    complaint, event = tables.complaints.c, tables.events.c
    heads = select(event.reference, event.sequence, event.link).where(
        event.reference == complaint.reference, event.sequence == complaint.sequence
    )
    with translate_database_errors():
        async with engine.connect() as connection:
            return [Leaf(*row) for row in await connection.execute(heads)]


async def _read_batch(
    connection: AsyncConnection, last: str, references: Collection[str] | None
) -> list[RecordedChain]:
    complaint, tombstone = tables.complaints.c, tables.tombstones.c
    is_removed = select(tombstone.reference).where(tombstone.reference == complaint.reference).exists()
    statement = select(
        complaint.reference,
        complaint.sequence,
        complaint.state["words_salt"].astext.label("words_salt"),
        is_removed.label("is_removed"),
    ).where(complaint.reference > last)
    if references is not None:
        statement = statement.where(complaint.reference.in_(references))
    rows = (await connection.execute(statement.order_by(complaint.reference).limit(BATCH_SIZE))).all()
    of_batch = [row.reference for row in rows]
    free_text: dict[tuple[str, int], dict[str, str]] = {}
    table = tables.free_text
    for text in await connection.execute(select(table).where(table.c.reference.in_(of_batch))):
        free_text.setdefault((text.reference, text.sequence), {})[text.field] = text.text
    events: dict[str, list[Event]] = {}
    event = tables.events
    in_order = select(event).where(event.c.reference.in_(of_batch)).order_by(event.c.reference, event.c.sequence)
    for row in (await connection.execute(in_order)).mappings():
        texts = free_text.get((row["reference"], row["sequence"]), {})
        events.setdefault(row["reference"], []).append(Event.model_validate({**row, "free_text": texts}))
    return [
        RecordedChain(
            row.reference,
            events.get(row.reference, []),
            row.sequence,
            None if row.is_removed else row.words_salt or "",
        )
        for row in rows
    ]
