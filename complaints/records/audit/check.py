"""Check the record: each chain, each signed root, and each chain against the roots."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Iterator, Mapping, Sequence
from contextlib import aclosing
from datetime import date
from typing import NamedTuple, Protocol

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.audit.chain_check import check_chain
from complaints.audit.finding import Finding
from complaints.audit.roots import Leaf, RootFile, SignedRoot, digest_changes, tree_root
from complaints.procedure.state import Event
from complaints.records.audit.chains import RecordedChain, read_chains
from complaints.records.audit.roots import RecordedRoots, read_roots


class Verifier(Protocol):
    """Knows the keys by which roots are signed."""

    def is_signed(self, root: SignedRoot) -> bool: ...


CheckHistory = Callable[[RecordedChain], Awaitable[tuple[bool, Finding | None]]]
"""Returns whether Temporal has the complaint and answers, and what differs."""


class SignedLeaf(NamedTuple):
    """A head that the root of a day signs."""

    day: date
    sequence: int
    link: str


class AuditSummary(BaseModel):
    """How much was checked."""

    complaints: int = 0
    without_words: int = 0
    """Of those, anonymised or erased: their words cannot be checked."""
    events: int = 0
    histories: int = 0
    """Complaints that were compared with their history in Temporal."""
    roots: int = 0
    last_root: date | None = None
    """The day of the newest root; None: there is none."""
    are_signatures_checked: bool
    files: int | None
    """Roots in the folder; None: no folder was given."""
    findings: int = 0


async def audit(
    engine: AsyncEngine,
    verifier: Verifier | None,
    files: Sequence[tuple[str, RootFile | None]] | None,
    references: Collection[str] | None = None,
    check_history: CheckHistory | None = None,
) -> AsyncGenerator[Finding | AuditSummary]:
    """Yield what is not as it was recorded, one finding for each complaint; then a summary.

    `verifier` None: signatures are not checked. `files`: what `read_folder` found. `references` None: all complaints.
    `check_history` compares a chain with Temporal's history.
    Raises RecordUnreachableError.
    """
    recorded = await read_roots(engine)
    summary = AuditSummary(
        roots=len(recorded.roots),
        last_root=recorded.roots[-1].day if recorded.roots else None,
        are_signatures_checked=verifier is not None,
        files=None if files is None else len(files),
    )
    for finding in check_roots(recorded, verifier, files or ()):
        summary.findings += 1
        yield finding
    leaves = signed_leaves(recorded, verifier, files or ())
    seen: set[str] = set()
    async with aclosing(read_chains(engine, references)) as chains:
        async for chain in chains:
            seen.add(chain.reference)
            summary.complaints += 1
            summary.events += len(chain.events)
            summary.without_words += chain.words_salt is None
            found = check_chain(chain.reference, chain.events, last=chain.last, words_salt=chain.words_salt)
            found = found or check_leaves(chain.reference, chain.events, leaves.get(chain.reference, ()))
            if check_history:
                has_history, differing = await check_history(chain)
                summary.histories += has_history
                found = found or differing
            if found:
                summary.findings += 1
                yield found
            await asyncio.sleep(0)  # let others run: a chain takes milliseconds
    for reference in sorted(leaves.keys() - seen):
        if references is None or reference in references:
            day = leaves[reference][-1].day
            summary.findings += 1
            yield Finding(reference=reference, sentence=f"the complaint was taken out: the root of {day} has it")
    yield summary


def check_roots(
    recorded: RecordedRoots, verifier: Verifier | None, files: Sequence[tuple[str, RootFile | None]]
) -> Iterator[Finding]:
    """Yield what is wrong with the roots themselves, and with those of the folder."""
    previous: str | None = None
    for root in recorded.roots:
        if verifier and not verifier.is_signed(root):
            yield _of_root(root.day, "its signature is not of the key for audits")
        elif root.previous != previous:
            yield _of_root(root.day, "it does not follow the root before it on the record; a root was taken out")
        elif root.changes != digest_changes(recorded.leaves.get(root.day, [])):
            yield _of_root(root.day, "its leaves on the record are not those that it signs")
        previous = root.digest
    if recorded.roots:
        last, heads = recorded.roots[-1], recorded.heads()
        if last.root != tree_root(heads.values()) or last.complaints != len(heads):
            yield _of_root(last.day, "it is not the root of the leaves on the record")
    by_day = {root.day: root for root in recorded.roots}
    for name, file in files:
        if file is None or not _is_valid(file, verifier):
            yield Finding(reference=None, sentence=f"the folder's file {name} is not a signed root")
        elif file.root.day not in by_day:
            yield _of_root(file.root.day, "the folder has it, and the record does not: it was taken out")
        elif by_day[file.root.day] != file.root:
            yield _of_root(file.root.day, "the record has another one than the folder")


def signed_leaves(
    recorded: RecordedRoots, verifier: Verifier | None, files: Sequence[tuple[str, RootFile | None]]
) -> dict[str, list[SignedLeaf]]:
    """Return each complaint's signed heads, by day: of the folder, else of the record."""
    by_day: dict[date, list[Leaf]] = {**recorded.leaves}
    by_day |= {file.root.day: file.leaves for _, file in files if file and _is_valid(file, verifier)}
    leaves: dict[str, list[SignedLeaf]] = {}
    for day in sorted(by_day):
        for leaf in by_day[day]:
            leaves.setdefault(leaf.reference, []).append(SignedLeaf(day, leaf.sequence, leaf.link))
    return leaves


def check_leaves(reference: str, events: Sequence[Event], leaves: Sequence[SignedLeaf]) -> Finding | None:
    """Return the first signed head that is not on the complaint's chain; None: all are."""
    links: Mapping[int, str] = {event.sequence: event.link for event in events}
    agreed = 0
    for leaf in leaves:
        if links.get(leaf.sequence) != leaf.link:
            first = agreed + 1
            which = f"event {first}" if first == leaf.sequence else f"one of the events {first} to {leaf.sequence}"
            sentence = (
                f"{which} was changed, added or taken out, and the chain computed again: "
                f"the root of {leaf.day} has another event {leaf.sequence}"
            )
            return Finding(reference=reference, sequence=first, sentence=sentence)
        agreed = leaf.sequence
    return None


def _is_valid(file: RootFile, verifier: Verifier | None) -> bool:
    is_signed = verifier is None or verifier.is_signed(file.root)
    return is_signed and file.root.changes == digest_changes(file.leaves)


def _of_root(day: date, what: str) -> Finding:
    return Finding(reference=None, sentence=f"the root of {day}: {what}")
