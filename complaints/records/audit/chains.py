"""Read the chains of complaints, with what is needed to check them."""

from collections.abc import AsyncGenerator, Collection, Sequence
from typing import Any, NamedTuple

from pydantic_core import from_json
from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.audit.roots import Leaf
from complaints.encryption.data_keys import KeyRing
from complaints.procedure.state import Event
from complaints.records import tables
from complaints.records.database import translate_database_errors
from complaints.records.personal.encryption import (
    STATE,
    AlteredValueError,
    MissingKeyError,
    decrypt,
    decrypt_free_text,
    keys_of,
)

BATCH_SIZE = 100
"""Complaints that are in memory at once."""
HEADS_BATCH_SIZE = 5_000
"""Heads that are read at once. Reading a million in one piece stops the process and outlasts the idle timeout."""


class RecordedChain(NamedTuple):
    """A complaint's events in order, with their free text."""

    reference: str
    events: Sequence[Event]
    last: int
    """The number of its last event, by the complaint's row."""
    words_salt: str | None
    """None: the complaint was anonymised, or is to be erased, or its key is destroyed."""


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
            rows = await connection.stream(heads, execution_options={"yield_per": HEADS_BATCH_SIZE})
            return [Leaf(*row) async for batch in rows.partitions() for row in batch]


async def _read_batch(
    connection: AsyncConnection, last: str, references: Collection[str] | None
) -> list[RecordedChain]:
    complaint, tombstone = tables.complaints.c, tables.tombstones.c
    is_removed = select(tombstone.reference).where(tombstone.reference == complaint.reference).exists()
    statement = select(
        complaint.reference,
        complaint.sequence,
        complaint.encrypted_state,
        is_removed.label("is_removed"),
    ).where(complaint.reference > last)
    if references is not None:
        statement = statement.where(complaint.reference.in_(references))
    keys = keys_of(connection)
    rows = (await connection.execute(statement.order_by(complaint.reference).limit(BATCH_SIZE))).all()
    of_batch = [row.reference for row in rows]
    free_text: dict[tuple[str, int], dict[str, str]] = {}
    table = tables.free_text
    for text in await connection.execute(select(table).where(table.c.reference.in_(of_batch))):
        free_text.setdefault((text.reference, text.sequence), {})[text.field] = await _read_words(keys, text)
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
            None if row.is_removed else await _read_salt(keys, row.reference, row.encrypted_state),
        )
        for row in rows
    ]


async def _read_salt(keys: KeyRing, reference: str, encrypted_state: bytes | None) -> str | None:
    """Read the salt of a complaint's words; None: it is erased.

    Without a whole state, no words agree.
    """
    try:
        state = await decrypt(keys, reference, STATE, encrypted_state)
    except AlteredValueError:
        return ""
    return None if state is None else str(from_json(state)["words_salt"])


async def _read_words(keys: KeyRing, row: Row[Any]) -> str:
    try:
        return await decrypt_free_text(keys, row.reference, row.sequence, row.field, row.text)
    except (AlteredValueError, MissingKeyError) as error:
        return str(error)  # words that nobody wrote, so the check finds them
