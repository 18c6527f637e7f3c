"""What happens in a run, all of it from the seed: which complaints, which acts when, and what strikes when."""

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import NamedTuple

from chaos.faults import BY_NAME
from chaos.stages import STAGES, hurried
from complaints.policies.loader import load_policy
from tests.fixtures.random_complaints import TOLD, Move

CALM_POLICY = load_policy()
HURRIED_POLICY = hurried(load_policy("tries-by-hand"), times=10)
"""Its clocks run in seconds, so that deadlines pass in the middle of it all."""

STORM = 3.0
"""Seconds in which acts are sent and faults begin."""
CLOCKS_CHANGE = (datetime(2031, 3, 30, 1, tzinfo=UTC), datetime(2031, 10, 26, 1, tzinfo=UTC))
"""In the United Kingdom; complaints in virtual time are opened some days before."""


class Way(StrEnum):
    """How acts are sent."""

    ONCE = "once"
    IN_DUPLICATE = "in duplicate"
    """The same act three times at once: twice as an update, once as a signal."""
    LATE = "late"
    """As a signal that was sent before what fell due meanwhile."""
    REORDERED = "reordered"
    """Two signals, the later one first."""
    AT_ONCE = "at the same instant"
    """Two acts of different people."""
    AT_A_DEADLINE = "at a deadline's instant"


class Sending(NamedTuple):
    at: float
    """Seconds into the storm."""
    way: Way
    moves: tuple[Move, ...]
    by_signal: bool


class Stroll(NamedTuple):
    """The complaint's clock is moved on, while it is told things."""

    at: float
    by: timedelta | None
    """None: until something is due."""


class Poison(NamedTuple):
    at: float
    pick: int


class ComplaintPlan(NamedTuple):
    opened_at: datetime | None
    """In virtual time; None: now, and its clocks run in seconds."""
    stage: int
    """How far it has come before the storm: so many of the stages' acts."""
    sendings: tuple[Sending, ...]
    strolls: tuple[Stroll, ...]
    poisons: tuple[Poison, ...]


class Strike(NamedTuple):
    at: float
    fault: str


class Plan(NamedTuple):
    seed: str
    complaints: tuple[ComplaintPlan, ...]
    strikes: tuple[Strike, ...]


def plan(seed: str, *, complaints: int = 6, strikes: int = 3) -> Plan:
    chance = Random(seed)  # noqa: S311 (no secret hangs on it)
    stages = chance.sample(range(len(STAGES) + 1), k=min(complaints, len(STAGES) + 1))
    told = [_complaint(chance, stages[n % len(stages)], is_hurried=n % 2 == 0) for n in range(complaints)]
    struck = [Strike(_moment(chance), fault) for fault in chance.sample(sorted(BY_NAME), k=strikes)]
    for index in chance.sample(range(complaints), k=2):
        poison = Poison(_moment(chance), chance.randrange(1_000))
        told[index] = told[index]._replace(poisons=(poison,))
    return Plan(seed, tuple(told), tuple(sorted(struck)))


def _complaint(chance: Random, stage: int, *, is_hurried: bool) -> ComplaintPlan:
    opened_at = None if is_hurried else chance.choice(CLOCKS_CHANGE) - timedelta(hours=chance.uniform(1, 240))
    sendings = (_sending(chance) for _ in range(chance.randint(3, 5)))
    strolls = () if is_hurried else (_stroll(chance),)
    return ComplaintPlan(opened_at, stage, tuple(sorted(sendings, key=lambda s: s.at)), strolls, ())


def _sending(chance: Random) -> Sending:
    way = chance.choice(tuple(Way))
    moves = [_move(chance) for _ in range(2 if way in (Way.REORDERED, Way.AT_ONCE) else 1)]
    if way in (Way.LATE, Way.REORDERED):
        ago = sorted(timedelta(seconds=chance.uniform(0, 3)) for _ in moves)
        moves = [move._replace(signalled=back) for move, back in zip(moves, ago, strict=True)]
    by_signal = way in (Way.LATE, Way.REORDERED) or chance.random() < 0.3
    return Sending(_moment(chance), way, tuple(moves), by_signal)


def _stroll(chance: Random) -> Stroll:
    return Stroll(_moment(chance), chance.choice((None, timedelta(days=chance.randint(1, 12)))))


def _move(chance: Random) -> Move:
    return Move(
        wait=timedelta(0),
        until_due=None,
        kind=chance.choice(TOLD) if chance.random() < 0.2 else None,
        pick=chance.randrange(8),
        again=False,
        by=chance.randrange(8),
        back=chance.choice((None, None, timedelta(seconds=chance.uniform(0, 5)))),
        signalled=None,
        ahead=chance.choice((None, chance.randint(-3, 40))),
        number=chance.randrange(12),
        yes=chance.random() < 0.5,
    )


def _moment(chance: Random) -> float:
    return round(chance.uniform(0, STORM), 3)
