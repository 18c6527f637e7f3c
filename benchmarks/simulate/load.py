"""The load of a year, from lives that are simulated for every opening day and weighed."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field, fields
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from random import Random
from statistics import stdev
from typing import Any, NamedTuple

from benchmarks.simulate.arrivals import HOUR_WEIGHTS, arrivals_by_day, instant_in_day
from benchmarks.simulate.staffed_life import Kind, StaffedLife
from complaints.calendars.builder import calendar_between
from complaints.policies.loader import load_policy
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.policy import Policy

BATCHES = 10
"""Parts of the sample, each of which estimates the whole; they differ by the sampling error."""
YEARS_AHEAD = 6
"""Years that the calendar reaches beyond the year."""
A_PART = 4
"""Opening days that a process simulates at a time."""
HOUR = timedelta(hours=1)


class Size(NamedTuple):
    """What is simulated."""

    year: int = 2027
    complaints: int = 1_000_000
    sample: int | None = 40
    """Lives for each opening day; None: every complaint."""
    seed: str = "year"
    notices_at: time | None = None
    """The hour of notices; None: the policy's."""
    earlier_days: int = 366
    """Days before the year whose complaints are simulated, too: most retire within nine months."""


def _tally() -> dict[Any, float]:
    return defaultdict(float)


@dataclass
class Load:
    """What happens in the year, each count weighed to all complaints."""

    lives: int = 0
    """Lives that were simulated."""
    transitions: dict[tuple[int, datetime, Kind], float] = field(default_factory=_tally)
    """By batch, the hour in which they happen (in UTC) and kind."""
    messages: dict[tuple[int, datetime], float] = field(default_factory=_tally)
    """Letters, alerts, reminders and chasers that are owed, by batch and hour."""
    timers: dict[datetime, float] = field(default_factory=_tally)
    """Timers by the instant at which they fire, retirements among them."""
    timed_messages: dict[datetime, float] = field(default_factory=_tally)
    """Messages that are owed by those timers, by instant."""
    lapses: dict[datetime, float] = field(default_factory=_tally)
    """Those timers that record a lapse, by instant."""
    opened: dict[date, float] = field(default_factory=_tally)
    """By day, also before the year, as the following two."""
    closed: dict[date, float] = field(default_factory=_tally)
    """Closed for the last time."""
    retired: dict[date, float] = field(default_factory=_tally)

    def add(self, other: "Load") -> None:
        """Add the load of other lives."""
        self.lives += other.lives
        for each in fields(self):
            tally = getattr(self, each.name)
            if isinstance(tally, dict):
                for key, count in getattr(other, each.name).items():
                    tally[key] += count

    def by_hour(self) -> dict[datetime, "HourLoad"]:
        """Return the load of each hour in which anything happens, in order."""
        counts: dict[datetime, dict[Kind, float]] = defaultdict(lambda: dict.fromkeys(Kind, 0.0))
        messages: dict[datetime, float] = _tally()
        for (_, hour, kind), count in self.transitions.items():
            counts[hour][kind] += count
        for (_, hour), count in self.messages.items():
            messages[hour] += count
        return {hour: _hour_load(of_kind, messages[hour]) for hour, of_kind in sorted(counts.items())}

    def mean_of(self, hours: Sequence[datetime]) -> "HourLoad":
        """Return the mean load of several hours."""
        return self._sum(hours, range(BATCHES), len(hours))

    def total(self) -> "HourLoad":
        """Return the whole year as if it were one hour."""
        return self._sum(sorted({hour for _, hour, _ in self.transitions}), range(BATCHES), 1)

    def relative_error(self, hours: Sequence[datetime]) -> float:
        """Return the standard error of the transitions in these hours, as a share of them."""
        sums = [self._sum(hours, [batch], 1).transitions for batch in range(BATCHES)]
        return stdev(sums) * BATCHES**0.5 / sum(sums) if sum(sums) else 0.0

    def _sum(self, hours: Iterable[datetime], batches: Iterable[int], among: int) -> "HourLoad":
        counts = dict.fromkeys(Kind, 0.0)
        messages = 0.0
        places = [(batch, hour) for hour in hours for batch in batches]
        for batch, hour in places:
            messages += self.messages.get((batch, hour), 0)
            for kind in Kind:
                counts[kind] += self.transitions.get((batch, hour, kind), 0)
        return _hour_load({kind: count / among for kind, count in counts.items()}, messages / among)


class HourLoad(NamedTuple):
    """The load of an hour."""

    openings: float
    acts: float
    timers: float
    retirements: float
    messages: float

    @property
    def transitions(self) -> float:
        return self.openings + self.acts + self.timers + self.retirements

    @property
    def workflow_tasks(self) -> float:
        """Workflow tasks of complaints: two of an input, one of a timer.

        The second one of an input takes the end of its recording.
        """
        return 2 * (self.openings + self.acts) + self.timers + self.retirements

    @property
    def recordings(self) -> float:
        """Transitions that are written to PostgreSQL; a retirement writes nothing."""
        return self.openings + self.acts + self.timers


def _hour_load(counts: dict[Kind, float], messages: float) -> HourLoad:
    openings, acts, timers, retirements = (counts[kind] for kind in Kind)
    return HourLoad(openings, acts, timers, retirements, messages)


def policy_of(size: Size) -> Policy:
    """Return the shipped policy, with the hour of notices that is asked for."""
    policy = load_policy()
    return policy.model_copy(update={"notices_at": size.notices_at}) if size.notices_at else policy


@lru_cache
def calendar_of(year: int) -> WorkingCalendar:
    """Return the calendar of the year, of the one before and of those that its complaints reach."""
    return calendar_between(load_policy(), date(year - 3, 1, 1), date(year + YEARS_AHEAD, 12, 31))


def simulate(size: Size, processes: int) -> Load:
    """Simulate the lives, in several processes. The same size gives the same load."""
    arrivals = arrivals_by_day(calendar_of(size.year), size.year, size.complaints, size.earlier_days)
    load = Load()
    days = list(arrivals.items())
    parts = [(size, days[first : first + A_PART]) for first in range(0, len(days), A_PART)]
    if processes == 1:
        for part in parts:
            load.add(simulate_days(part))
        return load
    with ProcessPoolExecutor(processes) as pool:
        for part_load in pool.map(simulate_days, parts):
            load.add(part_load)
    return load


def simulate_days(part: tuple[Size, list[tuple[date, int]]]) -> Load:
    """Simulate the complaints that are opened on some days; each day has its number of arrivals."""
    size, days = part
    calendar, load = calendar_of(size.year), Load()
    for day, arrivals in days:
        lives = arrivals if size.sample is None else min(size.sample, arrivals)
        for number in range(lives):
            _live(load, size, calendar, day, number, lives, arrivals / lives)
    return load


def _live(load: Load, size: Size, calendar: WorkingCalendar, day: date, number: int, of: int, weight: float) -> None:
    """Simulate one life, and add what happens to it in the year."""
    reference = f"{size.seed}-{day}-{number}"
    policy = policy_of(size)
    share = (number + Random(reference).random()) / of  # noqa: S311 (lives, not secrets)
    life = StaffedLife(reference, instant_in_day(calendar, day, HOUR_WEIGHTS, share), policy, calendar)
    retired_at = life.retire()
    begin, end = (calendar.at(date(year, 1, 1), datetime.min.time()) for year in (size.year, size.year + 1))
    batch = number % BATCHES
    for each in life.transitions(retired_at):
        if not begin <= each.at < end:
            continue
        hour = each.at.astimezone(UTC).replace(minute=0, second=0, microsecond=0)
        load.transitions[batch, hour, each.kind] += weight
        load.messages[batch, hour] += weight * each.messages
        if each.kind in (Kind.TIMER, Kind.RETIREMENT):
            at = each.at.astimezone(UTC)
            load.timers[at] += weight
            load.timed_messages[at] += weight * each.messages
            load.lapses[at] += weight * each.has_lapse
    closing = life.complaint.state.closings[-1]
    load.lives += 1
    for days, at in ((load.opened, life.opened_at), (load.closed, closing.at), (load.retired, retired_at)):
        days[calendar.day_of(at)] += weight
