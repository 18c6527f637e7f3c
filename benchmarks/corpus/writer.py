"""Generate complaints and write them by the record's own functions, many at a time."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.corpus.closed_complaints import Life
from benchmarks.corpus.derived_keys import DerivedKeys
from benchmarks.corpus.open_complaints import open_complaint_at
from complaints.calendars.builder import calendar_between
from complaints.policies.loader import load_policy
from complaints.procedure.complaint import Complaint
from complaints.procedure.views.views import transition_since
from complaints.records.database import make_engine
from complaints.records.transitions import write_transition

MAX_CONCURRENT = 10
LONGEST = 5
"""Years that a complaint may last, and that its calendar covers."""


class Corpus(NamedTuple):
    """Name the complaints to write: closed ones received from `first` to `last`, or open ones."""

    database_url: str
    prefix: str
    first: date
    last: date
    number: int
    is_open: bool = False
    """Open at the end of `last`."""

    @property
    def end(self) -> datetime:
        return datetime.combine(self.last, time.max, UTC)


def make(corpus: Corpus, numbers: Sequence[int]) -> int:
    """Write the complaints of the given numbers; return how many. Raises RecordError."""
    return asyncio.run(_make(corpus, numbers))


async def _make(corpus: Corpus, numbers: Sequence[int]) -> int:
    keys = DerivedKeys()
    engine = make_engine(corpus.database_url, keys=keys, pool_size=MAX_CONCURRENT, command_timeout_seconds=None)
    build, waiting = _builder(corpus), iter(numbers)

    async def write() -> None:
        for number in waiting:
            await _write(engine, build(number))

    await asyncio.gather(*(write() for _ in range(MAX_CONCURRENT)))
    await engine.dispose()
    return len(numbers)


def _builder(corpus: Corpus) -> Callable[[int], Complaint]:
    """Return what builds the complaint of a number."""
    policy = load_policy()
    calendar = calendar_between(policy, date(corpus.first.year - 1, 1, 1), date(corpus.last.year + LONGEST, 12, 31))
    begin = datetime.combine(corpus.first, time.min, UTC)
    step = (timedelta(days=1) + (corpus.last - corpus.first)) / corpus.number

    def build(number: int) -> Complaint:
        reference = f"{corpus.prefix}-{number:06}"
        if corpus.is_open:
            return open_complaint_at(reference, corpus.end, policy, calendar)
        return Life(reference, begin + number * step, policy, calendar).live()

    return build


async def _write(engine: AsyncEngine, complaint: Complaint) -> None:
    recorded = 0
    while recorded < complaint.state.sequence:
        transition = transition_since(complaint, recorded)
        await write_transition(engine, transition)
        recorded = transition.events[-1].sequence
