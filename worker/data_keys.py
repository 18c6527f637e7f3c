"""List, rotate, rewrap and reconcile data keys: `python -m worker keys`."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.data_keys import KeyDestroyedError, new_key
from complaints.encryption.key_ring import StoredKeys
from complaints.encryption.key_store import Counts, KeyStore, StoredKey
from complaints.encryption.key_wrapping import KeyEncryptionKeys
from complaints.formatting.plural import plural
from complaints.procedure.dates.date_format import format_date
from complaints.records.database import translate_database_errors
from complaints.records.tables.complaints import complaints
from complaints.records.tables.retention import tombstones

BATCH_SIZE = 500
"""Keys that are wrapped again in one transaction."""
MOST_NAMED = 10
RESTORE = "restore the key store (docs/operations.md, Data keys)"
RECONCILE = "python -m worker keys reconcile"
RETENTION = "retention"
"""Who has destroyed the keys of a complaint that nobody asked to erase."""
PROGRESS_EVERY = 1_000
"""Subjects between two lines about the rotation of all."""

_REFERENCES = select(complaints.c.reference).order_by(complaints.c.reference)
_ERASED = select(tombstones).where(tombstones.c.done_at.is_not(None)).order_by(tombstones.c.reference)

Report = Callable[[str], None]


async def list_keys(
    store: KeyStore, wrapping: KeyEncryptionKeys, keys: StoredKeys, engine: AsyncEngine, report: Report
) -> bool:
    """Report what the key store holds; return whether every complaint has a usable key.

    Raises KeysUnreachableError, RecordUnreachableError.
    """
    current = await _current(wrapping)
    for counts in await store.count():
        report(_describe(counts, current))
    report(f"Destroyed: the keys of {plural(await store.count_destroyed(), 'complaint')}.")
    problems = keys.problems()
    if missing := await _without_key(keys, engine):
        problems.append(f"{_name(missing)}: on the record, but without a data key; {RESTORE}")
    if undead := [row.reference for row in await _erased_with_key(keys, engine)]:
        problems.append(f"{_name(undead)}: erased or anonymised, but there is a data key; run: {RECONCILE}")
    for problem in problems:
        report(problem)
    return not problems


async def _without_key(keys: StoredKeys, engine: AsyncEngine) -> list[str]:
    with translate_database_errors():
        async with engine.connect() as connection:
            references = [str(row.reference) for row in await connection.execute(_REFERENCES)]
    return [reference for reference in references if not keys.is_known(reference)]


async def _erased_with_key(keys: StoredKeys, engine: AsyncEngine) -> list[Row[Any]]:
    """Return the tombstones of complaints whose keys a restore has brought back."""
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = list(await connection.execute(_ERASED))
    with_key = keys.subjects()
    return [row for row in rows if row.reference in with_key]


async def reconcile_keys(keys: StoredKeys, engine: AsyncEngine, report: Report) -> None:
    """Destroy again the keys of complaints that the record has as erased or anonymised.

    Raises KeysUnreachableError, RecordUnreachableError.
    """
    rows = await _erased_with_key(keys, engine)
    for row in rows:
        await keys.destroy(row.reference, row.by or RETENTION, row.why, row.done_at)
        report(f"{row.reference}: destroyed again")
    report(f"The keys of {plural(len(rows), 'complaint')} were destroyed again.")


def _name(references: Sequence[str]) -> str:
    more = f" and {len(references) - MOST_NAMED:,} more" if len(references) > MOST_NAMED else ""
    return ", ".join(references[:MOST_NAMED]) + more


def _describe(counts: Counts, current: str) -> str:
    use = "wraps new keys" if counts.wrapped_by == current else "wraps no new keys"
    blanks = f", {counts.blanks:,} of them blank" if counts.blanks else ""
    return (
        f"{counts.wrapped_by} ({use}): {plural(counts.keys, 'data key')} of {plural(counts.subjects, 'subject')}"
        f"{blanks}, the oldest of {format_date(counts.oldest.date())}."
    )


async def rotate_keys(keys: StoredKeys, subjects: Sequence[str], report: Report) -> int:
    """Give each subject a new data key, unless its keys are destroyed; return how many.

    Raises KeysUnreachableError; what has been done stays.
    """
    done = 0
    for subject in subjects:
        try:
            await keys.rotate(subject)
        except KeyDestroyedError:
            report(f"{subject}: its keys are destroyed; it gets none")
            continue
        done += 1
        if done % PROGRESS_EVERY == 0:
            report(f"Rotated {done:,} of {len(subjects):,}.")
    report(
        f"Rotated {plural(done, 'subject')}: new payloads use the new keys; what was encrypted before stays readable "
        "with the old ones."
    )
    return done


def unknown_subjects(keys: StoredKeys, subjects: Sequence[str]) -> list[str]:
    """Return those that have no data key."""
    known = keys.subjects()
    return [subject for subject in subjects if subject not in known]


async def rewrap_keys(store: KeyStore, wrapping: KeyEncryptionKeys, report: Report) -> bool:
    """Wrap all data keys with the first key-encryption key; return whether none is left.

    It works in batches: a repeat goes on where an interrupted one ended. Raises KeysUnreachableError.
    """
    current, after, done = await _current(wrapping), "", 0
    left: list[StoredKey] = []
    while rows := await store.read_others(current, after, BATCH_SIZE):
        secrets = await wrapping.unwrap(rows)
        before = [row for row in rows if row.id in secrets]
        left += [row for row in rows if row.id not in secrets]
        if before:
            await store.rewrap(before, await wrapping.wrap({row.id: secrets[row.id] for row in before}))
        done, after = done + len(before), rows[-1].id
        report(f"Wrapped {done:,} so far, up to {after}.")
    report(f"Wrapped {plural(done, 'data key')} with {current}. {plural(len(left), 'key')} of others remain.")
    for line in wrapping.why_not(left):
        report(line)
    return not left


async def _current(wrapping: KeyEncryptionKeys) -> str:
    """Return the name of the key-encryption key that wraps now, with its version."""
    probe = new_key()
    [wrapped] = await wrapping.wrap({probe.id: probe.secret})
    return wrapped.wrapped_by
