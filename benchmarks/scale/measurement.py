"""Make the corpus, and measure the record at each size."""

import asyncio
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.corpus.__main__ import write_corpus
from benchmarks.corpus.copies import copy_lives, keep_lives, mark_sent
from benchmarks.corpus.derived_keys import DerivedKeys
from benchmarks.corpus.names import draw_name
from benchmarks.corpus.writer import Corpus
from benchmarks.scale.partitions import compare
from benchmarks.scale.questions import FIRST, LAST, ask, questions, table_head
from benchmarks.tables.markdown import markdown
from complaints.records.database import make_engine
from local.servers.owner import owner_url

CLOSED_PREFIX, OPEN_PREFIX = "R", "O"
BYTES_HEAD = ("bytes a complaint", "rows", "table", "indexes")


class Figures(NamedTuple):
    """The figures of one size."""

    closed: int
    times: dict[str, float]
    sizes: list[tuple[str, int, int, int]]
    """Of each table: its name, rows, bytes and bytes of its indexes."""


async def measure(
    url: str, lives: int, number_open: int, sizes: Sequence[int], rounds: int, tell: Callable[[str], None]
) -> tuple[float, list[Figures]]:
    """Make the corpus, and measure at each size.

    Return the bytes of WAL a complaint, and the figures.
    """
    engine = make_engine(url, keys=DerivedKeys(), command_timeout_seconds=None)
    owner = make_engine(owner_url(url), keys=DerivedKeys(), command_timeout_seconds=None)
    try:
        before = await _wal(owner)
        await asyncio.to_thread(write_corpus, Corpus(url, CLOSED_PREFIX, FIRST, LAST, lives))
        wal = (await _wal(owner) - before) / lives
        if number_open:
            await asyncio.to_thread(write_corpus, Corpus(url, OPEN_PREFIX, FIRST, LAST, number_open, is_open=True))
        await mark_sent(engine)
        states = await keep_lives(owner, CLOSED_PREFIX)
        figures: list[Figures] = []
        there = 1
        for size in sizes:
            copies = range(there, max(there, round(size / lives)))
            tell(f"{size:,}: copying")
            await copy_lives(
                owner, states, copies, lambda done: tell(f"{done * lives:,} copied") if done % 10 == 0 else None
            )
            there = max(there, copies.stop)
            await _sign(owner)
            tell(f"{size:,}: measuring")
            closed = f"{CLOSED_PREFIX}-{lives // 2:06}"
            times = await ask(engine, questions(closed, draw_name(closed)), rounds, tell)
            figures.append(Figures(there * lives, times, await read_sizes(owner)))
        return wal, figures
    finally:
        await engine.dispose()
        await owner.dispose()


async def measure_partitions(url: str, tell: Callable[[str], None]) -> str:
    """Return the table of `events` as one table and by year."""
    owner = make_engine(owner_url(url), command_timeout_seconds=None)
    try:
        return await compare(owner, tell)
    finally:
        await owner.dispose()


async def read_sizes(engine: AsyncEngine) -> list[tuple[str, int, int, int]]:
    """Read the size of each table that has rows, the largest first."""
    async with engine.connect() as connection:
        rows = (await connection.execute(text(_SIZES))).all()
    return [(row[0], row[1], row[2], row[3]) for row in rows]


def render_times(figures: Sequence[Figures]) -> str:
    """Return the table of times, with ratios to the smallest size."""
    smallest, *others = figures
    rows = [
        (
            what,
            *(f"{each.times[what]:,.1f}" for each in figures),
            *(f"{each.times[what] / smallest.times[what]:.1f}" for each in others),
        )
        for what in smallest.times
    ]
    return markdown(table_head([each.closed for each in figures]), rows)


def render_sizes(figures: Figures, number_open: int) -> str:
    """Return the table of bytes for each complaint."""
    number = figures.closed + number_open
    rows = [
        (f"`{name}`", f"{count / number:.1f}", f"{size / number:,.0f}", f"{indexes / number:,.0f}")
        for name, count, size, indexes in figures.sizes
    ]
    totals = [sum(column) / number for column in list(zip(*figures.sizes, strict=True))[1:]]
    rows.append(("all", f"{totals[0]:.1f}", f"{totals[1]:,.0f}", f"{totals[2]:,.0f}"))
    return markdown(BYTES_HEAD, rows)


async def _wal(owner: AsyncEngine) -> float:
    async with owner.connect() as connection:
        return float(await connection.scalar(text("SELECT pg_current_wal_lsn() - '0/0'::pg_lsn")) or 0)


async def _sign(owner: AsyncEngine) -> None:
    """Sign all heads that no root has signed: once a size, with a signature of nobody."""
    async with owner.begin() as connection:
        await connection.execute(text(_ROOT))
        await connection.execute(text(_LEAVES))
        await connection.execute(text("ANALYZE audit_leaves"))


_ROOT = """
INSERT INTO audit_roots (day, at, complaints, root, changes, signature)
SELECT coalesce(max(day), '2027-03-31') + 1, now(), 1, '', '', '' FROM audit_roots
"""
_LEAVES = """
INSERT INTO audit_leaves (reference, day, sequence, link)
SELECT e.reference, (SELECT max(day) FROM audit_roots), e.sequence, e.link
FROM complaints c JOIN events e ON e.reference = c.reference AND e.sequence = c.sequence
WHERE NOT EXISTS (SELECT FROM audit_leaves l WHERE l.reference = c.reference)
"""
_SIZES = """
SELECT relname, greatest(reltuples, 0)::bigint, pg_table_size(oid), pg_indexes_size(oid) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND reltuples > 1
ORDER BY pg_total_relation_size(oid) DESC
"""
