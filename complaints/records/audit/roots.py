"""Write and read signed roots and their leaves."""

import asyncio
from collections.abc import Callable
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.audit.roots import AuditRoot, Leaf, RootFile, SignedRoot, digest_changes, grown, tree_root
from complaints.records import tables
from complaints.records.audit.chains import HEADS_BATCH_SIZE, read_heads
from complaints.records.database import translate_database_errors

Sign = Callable[[AuditRoot], SignedRoot]


class RecordedRoots(NamedTuple):
    """All roots on the record, by day, and the leaves that each adds."""

    roots: list[SignedRoot]
    leaves: dict[date, list[Leaf]]

    def heads(self) -> dict[str, Leaf]:
        """Return the head of each chain as it was signed last, by reference."""
        return {leaf.reference: leaf for day in sorted(self.leaves) for leaf in self.leaves[day]}


async def sign_root(engine: AsyncEngine, sign: Sign, day: date, at: datetime) -> RootFile:
    """Sign the heads of all chains, once a day, and write the root with its leaves.

    Return the day's root, also where it was there. Raises RecordUnreachableError, RecordError.
    """
    recorded = await read_roots(engine)
    if known := next((root for root in recorded.roots if root.day == day), None):
        return RootFile(root=known, leaves=recorded.leaves.get(day, []))
    heads = await read_heads(engine)
    unsigned, leaves = await asyncio.to_thread(_next_root, recorded, heads, day, at)  # seconds, at a million
    root = sign(unsigned)
    with translate_database_errors():
        async with engine.begin() as connection:
            await connection.execute(insert(tables.audit_roots).values(root.model_dump()))
            if leaves:
                rows = [{"day": day, **leaf._asdict()} for leaf in leaves]
                await connection.execute(insert(tables.audit_leaves), rows)
    return RootFile(root=root, leaves=leaves)


def _next_root(recorded: RecordedRoots, heads: list[Leaf], day: date, at: datetime) -> tuple[AuditRoot, list[Leaf]]:
    """Build a day's root and the leaves that it is the first to sign."""
    signed = recorded.heads()
    leaves = grown(heads, signed)
    all_heads = signed | {leaf.reference: leaf for leaf in leaves}
    root = AuditRoot(
        day=day,
        at=at,
        complaints=len(all_heads),
        root=tree_root(all_heads.values()),
        changes=digest_changes(leaves),
        previous=recorded.roots[-1].digest if recorded.roots else None,
    )
    return root, leaves


async def read_roots(engine: AsyncEngine) -> RecordedRoots:
    """Read all roots and leaves, of one snapshot. Raises RecordUnreachableError."""
    root, leaf = tables.audit_roots, tables.audit_leaves
    leaves: dict[date, list[Leaf]] = {}
    with translate_database_errors():
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ")
            rows = (await connection.execute(select(root).order_by(root.c.day))).mappings()
            roots = [SignedRoot.model_validate(dict(row)) for row in rows]
            in_order = select(leaf).order_by(leaf.c.day, leaf.c.reference)
            streamed = await connection.stream(in_order, execution_options={"yield_per": HEADS_BATCH_SIZE})
            async for batch in streamed.partitions():  # row by row, a million takes minutes
                for row in batch:
                    leaves.setdefault(row.day, []).append(Leaf(row.reference, row.sequence, row.link))
    return RecordedRoots(roots, leaves)


async def read_root(engine: AsyncEngine, day: date) -> RootFile | None:
    """Read the root of a day with its leaves; None: there is none.

    Raises RecordUnreachableError.
    """
    recorded = await read_roots(engine)
    root = next((root for root in recorded.roots if root.day == day), None)
    return RootFile(root=root, leaves=recorded.leaves.get(day, [])) if root else None


async def read_last_root(engine: AsyncEngine) -> SignedRoot | None:
    """Read the newest root; None: there is none. Raises RecordUnreachableError."""
    table = tables.audit_roots
    with translate_database_errors():
        async with engine.connect() as connection:
            statement = select(table).order_by(table.c.day.desc()).limit(1)
            row = (await connection.execute(statement)).mappings().one_or_none()
    return SignedRoot.model_validate(dict(row)) if row else None
