"""Plan a run from its seed: the complaints, the acts and faults, and when each happens."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from random import Random
from typing import NamedTuple

from chaos.edges import EDGES
from chaos.stages import STAGES, speed_up
from complaints.policies.loader import load_policy
from tests.fixtures.random_acts import RANDOM_ACT_TYPES, RandomAct

DEFAULT_POLICY = load_policy()
FAST_POLICY = speed_up(load_policy("tries-by-hand"), factor=10)
"""Its allowances are seconds, so that deadlines pass during the run."""

STORM_SECONDS = 3.0
"""The time in which acts are sent and faults begin."""
CLOCKS_CHANGE = (datetime(2031, 3, 30, 1, tzinfo=UTC), datetime(2031, 10, 26, 1, tzinfo=UTC))
"""In the United Kingdom; complaints in virtual time are opened up to ten days before."""


class FaultName(StrEnum):
    """A fault, as the report names it."""

    WORKER_KILLED = "worker killed"
    WORKER_KILLED_BETWEEN_COMMIT_AND_ANSWER = "worker killed between commit and answer"
    WORKER_STOPPED_UNDER_LOAD = "worker stopped under load"
    WORKER_REPLACED_BY_A_NEWER_BUILD = "worker replaced by a newer build"
    TEMPORAL_KILLED = "temporal killed"
    POSTGRES_KILLED = "postgres killed"
    POSTGRES_REFUSES = "postgres refuses"
    POSTGRES_HANGS = "postgres hangs"
    CONNECTIONS_CUT_IN_A_TRANSACTION = "connections cut in a transaction"
    KEYS_AWAY = "keys away"
    TERMINATED = "terminated"
    TEMPORAL_RESTORED_FROM_AN_OLDER_COPY = "temporal restored from an older copy"
    POSTGRES_RESTORED_FROM_AN_OLDER_COPY = "postgres restored from an older copy"


class SendingMode(StrEnum):
    """How an act is sent."""

    ONCE = "once"
    IN_DUPLICATE = "in duplicate"
    """The same act three times at once: two updates and a signal."""
    LATE = "late"
    """A signal whose time of sending is in the past."""
    REORDERED = "reordered"
    """Two signals, the later one first."""
    AT_ONCE = "at the same instant"
    """Two acts of different people."""
    AT_A_DEADLINE = "at a deadline's instant"


class Sending(NamedTuple):
    at: float
    """Seconds after the start."""
    mode: SendingMode
    moves: tuple[RandomAct, ...]
    by_signal: bool


class ClockMove(NamedTuple):
    """Moves the complaint's virtual clock while acts are sent."""

    at: float
    by: timedelta | None
    """None: to the next due instant."""


class MalformedSend(NamedTuple):
    at: float
    pick: int


class EdgePlan(NamedTuple):
    at: float
    name: str
    """One of `EDGES`."""


class ComplaintPlan(NamedTuple):
    opened_at: datetime | None
    """In virtual time; None: now, with allowances in seconds."""
    stage: int
    """The number of `STAGES` that it has passed before."""
    sendings: tuple[Sending, ...]
    clock_moves: tuple[ClockMove, ...]
    malformed: tuple[MalformedSend, ...]
    edge: EdgePlan


class ScheduledFault(NamedTuple):
    at: float
    fault: FaultName


class Plan(NamedTuple):
    seed: str
    complaints: tuple[ComplaintPlan, ...]
    faults: tuple[ScheduledFault, ...]


def make_plan(seed: str, *, complaints: int = 6, faults: int = 3, always: Sequence[FaultName] = ()) -> Plan:
    """Plan a run.

    Its faults are all of `always`, and others at random up to the number `faults`.
    """
    chance = Random(seed)  # noqa: S311 (not for cryptography)
    stages = chance.sample(range(len(STAGES) + 1), k=min(complaints, len(STAGES) + 1))
    planned = [_complaint(chance, stages[n % len(stages)], is_fast=n % 2 == 0) for n in range(complaints)]
    others = [fault for fault in FaultName if fault not in always]
    chosen = [*always, *chance.sample(others, k=max(0, faults - len(always)))]
    scheduled = [ScheduledFault(_moment(chance), fault) for fault in chosen]
    for index in chance.sample(range(complaints), k=2):
        malformed = MalformedSend(_moment(chance), chance.randrange(1_000))
        planned[index] = planned[index]._replace(malformed=(malformed,))
    return Plan(seed, tuple(planned), tuple(sorted(scheduled)))


def _complaint(chance: Random, stage: int, *, is_fast: bool) -> ComplaintPlan:
    opened_at = None if is_fast else chance.choice(CLOCKS_CHANGE) - timedelta(hours=chance.uniform(1, 240))
    sendings = (_sending(chance) for _ in range(chance.randint(3, 5)))
    clock_moves = () if is_fast else (_clock_move(chance),)
    one_at_a_time = {sending.at: sending for sending in sendings}  # the instant is part of the acts' ids
    sendings_by_time = tuple(one_at_a_time[at] for at in sorted(one_at_a_time))
    edge = EdgePlan(_moment(chance), chance.choice(sorted(EDGES)))
    return ComplaintPlan(opened_at, stage, sendings_by_time, clock_moves, (), edge)


def _sending(chance: Random) -> Sending:
    mode = chance.choice(tuple(SendingMode))
    moves = [_move(chance) for _ in range(2 if mode in (SendingMode.REORDERED, SendingMode.AT_ONCE) else 1)]
    if mode in (SendingMode.LATE, SendingMode.REORDERED):
        ago = sorted(timedelta(seconds=chance.uniform(0, 3)) for _ in moves)
        moves = [move._replace(signalled_ago=back) for move, back in zip(moves, ago, strict=True)]
    by_signal = mode in (SendingMode.LATE, SendingMode.REORDERED) or chance.random() < 0.3
    return Sending(_moment(chance), mode, tuple(moves), by_signal)


def _clock_move(chance: Random) -> ClockMove:
    return ClockMove(_moment(chance), chance.choice((None, timedelta(days=chance.randint(1, 12)))))


def _move(chance: Random) -> RandomAct:
    return RandomAct(
        wait=timedelta(0),
        until_due=None,
        act_type=chance.choice(RANDOM_ACT_TYPES) if chance.random() < 0.2 else None,
        pick=chance.randrange(8),
        is_repeat=False,
        actor_pick=chance.randrange(8),
        letter_ago=chance.choice((None, None, timedelta(seconds=chance.uniform(0, 5)))),
        signalled_ago=None,
        days_ahead=chance.choice((None, chance.randint(-3, 40))),
        number=chance.randrange(12),
        is_yes=chance.random() < 0.5,
    )


def _moment(chance: Random) -> float:
    return round(chance.uniform(0, STORM_SECONDS), 3)
