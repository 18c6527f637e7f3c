"""Generate complaints and write them by the record's own functions, many at a time."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta

from benchmarks.corpus.closed_complaints import Life
from complaints.calendars.builder import calendar_between
from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.policies.loader import load_policy
from complaints.procedure.views.views import transition_since
from complaints.records.database import make_engine
from complaints.records.transitions import write_transition

MAX_CONCURRENT = 10
LONGEST = 5
"""Years that a complaint may last, and that its calendar covers."""


def make(database_url: str, prefix: str, first: date, last: date, of: int, numbers: Sequence[int]) -> int:
    """Write the complaints of the given numbers, received evenly from `first` to `last`.

    `of` is the total. Returns how many were written. Raises RecordError.
    """
    return asyncio.run(_make(database_url, prefix, first, last, of, numbers))


async def _make(database_url: str, prefix: str, first: date, last: date, of: int, numbers: Sequence[int]) -> int:
    policy = load_policy()
    calendar = calendar_between(policy, date(first.year - 1, 1, 1), date(last.year + LONGEST, 12, 31))
    begin = datetime.combine(first, time.min, UTC)
    step = (timedelta(days=1) + (last - first)) / of
    keys = InMemoryKeys()  # reports read nothing that is encrypted
    engine = make_engine(database_url, keys=keys, pool_size=MAX_CONCURRENT, command_timeout_seconds=None)
    waiting = iter(numbers)

    async def write() -> None:
        for number in waiting:
            complaint = Life(f"{prefix}-{number:06}", begin + number * step, policy, calendar).live()
            recorded = 0
            while recorded < complaint.state.sequence:
                transition = transition_since(complaint, recorded)
                await write_transition(engine, transition)
                recorded = transition.events[-1].sequence

    await asyncio.gather(*(write() for _ in range(MAX_CONCURRENT)))
    await engine.dispose()
    return len(numbers)
