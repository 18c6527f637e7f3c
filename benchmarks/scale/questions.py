"""Ask the record what people and processes ask, by the product's own functions."""

from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from datetime import UTC, date, datetime
from statistics import median
from time import perf_counter
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.policies.loader import load_policy
from complaints.records.audit.chains import read_chains, read_heads
from complaints.records.audit.roots import read_roots
from complaints.records.queries import list_views, read_history
from complaints.records.retention import count_expired, list_expired
from complaints.records.search import find_complaints
from complaints.records.totals import read_letter_totals, read_totals
from complaints.records.worklists import list_held, read_worklist
from complaints.reports.annual import build_report
from complaints.reports.period import Period, Year
from complaints.reports.timeliness import GroupBy, build_timeliness_report

ROUNDS = 5
LONGEST, LEAST_ROUNDS = 20.0, 2
"""Seconds after which a question gets no further round; and its rounds at least, the first included."""
LISTED = 100
"""How many a list has at most."""
LAST_YEAR = 2026
FIRST, LAST = date(2020, 4, 1), date(2027, 3, 31)
"""Seven years of complaints: answered ones are kept for 72 months."""
EXPIRED_ON = date(2027, 4, 1)
NOW = datetime(2027, 4, 1, 9, tzinfo=UTC)
HOLDER, TIER = "manager.7", "manager"

Question = Callable[[AsyncEngine], Awaitable[Any]]


async def _all(items: AsyncIterable[Any]) -> int:
    """Return how many there are."""
    return len([each async for each in items])


def questions(closed: str, name: str) -> dict[str, Question]:
    """Return the questions by what they are.

    `closed`: the reference of a closed complaint; `name`: its complainant's.
    """
    policy = load_policy()
    year = Period(date(LAST_YEAR, 4, 1), LAST, policy.time_zone)
    whole = Period(FIRST, LAST, policy.time_zone)
    return {
        "`show`, a closed one": lambda on: read_history(on, closed),
        "`find`, its reference": lambda on: find_complaints(on, closed, 20),
        "`find`, its complainant's name": lambda on: find_complaints(on, name, 20),
        "`find smith`, a name of 1.2 %": lambda on: find_complaints(on, "smith", 20),
        "`list`, 100 open ones": lambda on: _all(list_views(on, closed=False, limit=LISTED)),
        "`list --overdue`, 100": lambda on: _all(list_views(on, overdue=True, limit=LISTED)),
        "`list --closed`, 100": lambda on: _all(list_views(on, closed=True, limit=LISTED)),
        "`list --holder`, open": lambda on: _all(list_views(on, holder=HOLDER, closed=False, limit=LISTED)),
        "`worklist` of a manager": lambda on: read_worklist(on, HOLDER, (), (TIER,)),
        "`worklist` of a lead": lambda on: read_worklist(on, "lead", (TIER,)),
        "what somebody holds": lambda on: list_held(on, HOLDER),
        "metrics: totals": read_totals,
        "metrics: letters": read_letter_totals,
        "audit of one": lambda on: _all(read_chains(on, [closed])),
        "audit, daily root: all heads": read_heads,
        "audit, daily root: all leaves": read_roots,
        "retention: 500 expired": lambda on: _all(list_expired(on, policy, EXPIRED_ON, limit=500)),
        "retention: count": lambda on: count_expired(on, policy, EXPIRED_ON),
        "`report annual`, last year": lambda on: build_report(on, policy, Year.of(policy, LAST_YEAR), NOW),
        "`report timeliness`, last year": lambda on: build_timeliness_report(on, policy, year, GroupBy.TIER),
        "`report timeliness`, seven years": lambda on: build_timeliness_report(on, policy, whole, GroupBy.TIER),
    }


async def ask(
    engine: AsyncEngine, asked: dict[str, Question], rounds: int, tell: Callable[[str], None]
) -> dict[str, float]:
    """Ask each question several times; return the median in milliseconds.

    The first round warms caches and does not count.
    """
    times = {}
    for what, question in asked.items():
        times[what] = await _median(engine, question, rounds)
        tell(f"{what}: {times[what]:,.1f} ms")
    return times


async def _median(engine: AsyncEngine, question: Question, rounds: int) -> float:
    taken: list[float] = []
    begun = perf_counter()
    while len(taken) <= rounds and (len(taken) < LEAST_ROUNDS or perf_counter() - begun < LONGEST):
        asked_at = perf_counter()
        await question(engine)
        taken.append(1_000 * (perf_counter() - asked_at))
    return median(taken[1:])


def table_head(sizes: Sequence[int]) -> tuple[str, ...]:
    """Return the head of the table of times: of each size, and as ratios to the smallest."""
    return (
        "p50, ms",
        *(f"{size:,}" for size in sizes),
        *(f"{size:,} : {sizes[0]:,}" for size in sizes[1:]),
    )
