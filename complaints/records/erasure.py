"""Remove personal data from every table of a complaint; write `tombstones`."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, bindparam, case, delete, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.messages.key import COMPLAINANT
from complaints.procedure.anonymisation import anonymise_state, anonymise_view
from complaints.procedure.erasure_request import ErasureRequest
from complaints.records import tables
from complaints.records.administration.events import ChangeKind, add_event
from complaints.records.database import translate_database_errors
from complaints.records.tombstone import Tombstone, TombstoneKind

RECIPIENT_REMOVED = "the complainant is no longer on the record"
REASON_REMOVED = "the reason is no longer on the record"
ERASED_DIGEST = "erased"
"""Replaces the form's digest: the reference stays taken, and no form matches it."""


async def anonymise(engine: AsyncEngine, references: Sequence[str], at: datetime, by: str | None, why: str) -> None:
    """Anonymise complaints in one transaction; figures stay. Raises RecordUnreachableError."""
    with translate_database_errors():
        async with engine.begin() as connection:
            await _anonymise_rows(connection, references)
            tombstone = {"kind": TombstoneKind.ANONYMISED, "asked_at": at, "by": by, "why": why, "done_at": at}
            insertion = insert(tables.tombstones).values(
                [{"reference": reference, **tombstone} for reference in references]
            )
            await connection.execute(insertion.on_conflict_do_nothing())


async def create_tombstone(engine: AsyncEngine, reference: str, at: datetime, by: str, reason: str) -> None:
    """Mark a complaint for erasure, so that no later transition is recorded.

    Raises RecordUnreachableError.
    """
    insertion = insert(tables.tombstones).values(
        reference=reference, kind=TombstoneKind.ERASED, asked_at=at, by=by, why=reason, done_at=None
    )
    statement = insertion.on_conflict_do_update(
        index_elements=[tables.tombstones.c.reference],
        set_={name: insertion.excluded[name] for name in ("kind", "asked_at", "by", "why", "done_at")},
        where=tables.tombstones.c.kind == TombstoneKind.ANONYMISED,
    )
    with translate_database_errors():
        async with engine.begin() as connection:
            if (await connection.execute(statement)).rowcount:
                await add_event(connection, ChangeKind.ERASURE_STARTED, reference, by=by, at=at)


async def erase(engine: AsyncEngine, reference: str, at: datetime) -> None:
    """Erase a complaint that has a tombstone, idempotently. Raises RecordUnreachableError."""
    table = tables.complaints
    with translate_database_errors():
        async with engine.begin() as connection:
            await _anonymise_rows(connection, [reference])
            await connection.execute(delete(tables.answers).where(tables.answers.c.reference == reference))
            await connection.execute(
                update(table)
                .where(table.c.reference == reference)
                .values(form_digest=ERASED_DIGEST, state=table.c.state.concat({"form_digest": ERASED_DIGEST}))
            )
            await connection.execute(
                update(tables.tombstones)
                .where(tables.tombstones.c.reference == reference, tables.tombstones.c.done_at.is_(None))
                .values(done_at=at)
            )


async def find_tombstone(engine: AsyncEngine, reference: str) -> Tombstone | None:
    """Find a complaint's tombstone; None: there is none. Raises RecordUnreachableError."""
    table = tables.tombstones
    with translate_database_errors():
        async with engine.connect() as connection:
            row = (
                (await connection.execute(select(table).where(table.c.reference == reference))).mappings().one_or_none()
            )
    return Tombstone.model_validate(dict(row)) if row else None


async def find_erasure_request(engine: AsyncEngine, reference: str) -> ErasureRequest | None:
    """Find the erasure of a closed complaint that is asked for and not finished.

    None: there is none. Raises RecordUnreachableError.
    """
    table, tombstone = tables.complaints, tables.tombstones
    statement = (
        select(
            *(tombstone.c[name] for name in ("reference", "asked_at", "by", "why")),
            table.c.closed_at,
            table.c.closing_reason,
        )
        .join(table, table.c.reference == tombstone.c.reference)
        .where(tombstone.c.reference == reference, tombstone.c.kind == TombstoneKind.ERASED)
        .where(tombstone.c.done_at.is_(None), table.c.closed_at.is_not(None))
    )
    with translate_database_errors():
        async with engine.connect() as connection:
            row = (await connection.execute(statement)).mappings().one_or_none()
    return ErasureRequest.model_validate(dict(row)) if row else None


async def list_open_undertakings(engine: AsyncEngine, reference: str) -> list[int]:
    """List the numbers of undertakings to carry out. Raises RecordUnreachableError."""
    table = tables.undertakings
    numbers = select(table.c.number).where(table.c.reference == reference, tables.OPEN_UNDERTAKING)
    with translate_database_errors():
        async with engine.connect() as connection:
            return list(await connection.scalars(numbers.order_by(table.c.number)))


async def _anonymise_rows(connection: AsyncConnection, references: Sequence[str]) -> None:
    table, free_text, answers, holds = tables.complaints, tables.free_text, tables.answers, tables.holds
    rows = select(table.c.reference, table.c.state, table.c.view).where(table.c.reference.in_(references))
    complaints, undertakings = [], []
    for row in await connection.execute(rows.order_by(table.c.reference).with_for_update()):
        state = anonymise_state(row.state)
        complaints.append({"of": row.reference, "new_state": state, "new_view": anonymise_view(row.view, state)})
        undertakings += [
            {"of": row.reference, "undertaking": each["number"], "new_what": each["what"]}
            for each in state["undertakings"]
        ]
    await connection.execute(_UPDATE_COMPLAINT, complaints)
    if undertakings:
        await connection.execute(_UPDATE_UNDERTAKING, undertakings)
    letters = tables.deliveries
    await connection.execute(
        update(letters)
        .where(letters.c.reference.in_(references), letters.c.to == COMPLAINANT)
        .where(letters.c.sent_at.is_(None), letters.c.held_at.is_(None))
        .values(held_at=letters.c.owed_at, why=RECIPIENT_REMOVED)
    )
    is_held = and_(letters.c.reference.in_(references), letters.c.held_at.is_not(None))
    reason = case((letters.c.to == COMPLAINANT, RECIPIENT_REMOVED), else_=REASON_REMOVED)
    await connection.execute(update(letters).where(is_held, letters.c.why != reason).values(why=reason))
    await connection.execute(update(holds).where(holds.c.reference.in_(references)).values(why=None))
    terms = tables.search_terms
    await connection.execute(delete(terms).where(terms.c.reference.in_(references)))
    await connection.execute(update(answers).where(answers.c.reference.in_(references)).values(sentence=None))
    is_filled = and_(free_text.c.reference.in_(references), free_text.c.text.is_not(None))
    await connection.execute(update(free_text).where(is_filled).values(text=None))


_UPDATE_COMPLAINT = (
    update(tables.complaints)
    .where(tables.complaints.c.reference == bindparam("of"))
    .values(state=bindparam("new_state"), view=bindparam("new_view"), encrypted_state=None)
)
_UPDATE_UNDERTAKING = (
    update(tables.undertakings)
    .where(tables.undertakings.c.reference == bindparam("of"), tables.undertakings.c.number == bindparam("undertaking"))
    .values(what=bindparam("new_what"))
)
