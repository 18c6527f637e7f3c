"""Compute how many workers a load takes.

A worker computes on one core at most: Python has one lock.
"""

from collections.abc import Callable, Iterator
from datetime import date, datetime
from typing import NamedTuple

from benchmarks.simulate.load import HOUR, HourLoad, Load
from complaints.procedure.dates.calendar import DAY

HOUR_SECONDS = HOUR.total_seconds()
MOST_UTILISATION = 0.6
"""Of the workers, in the busiest hour."""
LAPSE_WITHIN, LATE_LAPSES = 60.0, 0.001
"""Seconds, and the share that may take longer: docs/metrics.md."""
DELAYED_ACTS = 0.01
"""The share of acts that may take longer than a second: docs/metrics.md."""
MESSAGES_WITHIN = 900.0
"""Seconds in which letters and alerts go: docs/metrics.md."""
MANY = 100
"""Timers of one instant that are worth a count as a peak."""
MOST_WORKERS = 10_000
OPENING_WRITES, ACT_WRITES, TIMER_WRITES, DELIVERY_WRITES = 7, 5, 3, 7
"""Times that Temporal updates an execution in its database: starts, timers fired, tasks started and completed.

An update's own workflow task is written once, when it is completed. Queues and search attributes come on top.
"""


class Costs(NamedTuple):
    """Milliseconds of a worker's CPU, by `python -m benchmarks.simulate.costs`."""

    opening: float
    act: float
    timer: float
    delivery: float

    def of_complaints(self, load: HourLoad) -> float:
        """Return the CPU seconds of the workers of complaints."""
        timers = load.timers + load.retirements
        return (load.openings * self.opening + load.acts * self.act + timers * self.timer) / 1_000

    def of_deliveries(self, load: HourLoad) -> float:
        """Return the CPU seconds of the workers of deliveries."""
        return load.messages * self.delivery / 1_000


class Peak(NamedTuple):
    """Timers that fire at one instant, and the acts and openings that compete with them."""

    at: datetime
    timers: float
    lapses: float
    messages: float
    acts_per_second: float
    other_cores: float
    """Cores that acts and openings of the same hour keep busy."""

    def drained_in(self, workers: int, costs: Costs) -> float:
        """Return the seconds until the last timer is recorded."""
        left = workers - self.other_cores
        return self.timers * costs.timer / 1_000 / left if left > 0 else float("inf")

    def delivered_in(self, workers: int, costs: Costs) -> float:
        """Return the seconds that its messages take the workers of deliveries."""
        return self.messages * costs.delivery / 1_000 / workers


def peaks(load: Load, costs: Costs) -> list[Peak]:
    """List the instants at which many timers fire, the largest first."""
    found, hours = [], load.by_hour()
    for at, timers in load.timers.items():
        if timers < MANY:
            continue
        hour = hours[at.replace(minute=0, second=0, microsecond=0)]
        other = costs.of_complaints(hour._replace(timers=0, retirements=0)) / HOUR_SECONDS
        acts = hour.acts / HOUR_SECONDS
        found.append(Peak(at, timers, load.lapses[at], load.timed_messages[at], acts, other))
    return sorted(found, key=lambda peak: (-peak.timers, peak.at))


def late_lapses(all_peaks: list[Peak], workers: int, costs: Costs) -> float:
    """Return the share of lapses that are recorded later than LAPSE_WITHIN.

    The timers of one instant come in no order, so the lapses among them are spread over the whole time.
    """
    late = total = 0.0
    for peak in all_peaks:
        total += peak.lapses
        drained_in = peak.drained_in(workers, costs)
        if drained_in > LAPSE_WITHIN:
            late += peak.lapses * (1 - LAPSE_WITHIN / drained_in)
    return late / total if total else 0.0


def delayed_acts(all_peaks: list[Peak], acts: float, workers: int, costs: Costs) -> float:
    """Return the share of acts that come while a peak is drained, and wait behind its timers."""
    waiting = sum(peak.acts_per_second * min(HOUR_SECONDS, peak.drained_in(workers, costs)) for peak in all_peaks)
    return waiting / acts if acts else 0.0


class Need(NamedTuple):
    """Workers that a condition takes."""

    condition: str
    workers: int


def complaint_workers(load: Load, costs: Costs) -> list[Need]:
    """Return how many workers of complaints each condition takes."""
    all_peaks, acts = peaks(load, costs), load.total().acts
    busiest = max((costs.of_complaints(hour) for hour in load.by_hour().values()), default=0.0) / HOUR_SECONDS
    return [
        Need(
            f"busy for less than {MOST_UTILISATION:.0%} of the busiest hour",
            _fewest(lambda workers: busiest / workers < MOST_UTILISATION),
        ),
        Need(
            f"{1 - LATE_LAPSES:.1%} of lapses recorded within {LAPSE_WITHIN:.0f} s",
            _fewest(lambda workers: late_lapses(all_peaks, workers, costs) <= LATE_LAPSES),
        ),
        Need(
            f"at most {DELAYED_ACTS:.0%} of acts wait behind the timers of an instant",
            _fewest(lambda workers: delayed_acts(all_peaks, acts, workers, costs) <= DELAYED_ACTS),
        ),
    ]


def delivery_workers(load: Load, costs: Costs) -> list[Need]:
    """Return how many workers of deliveries each condition takes."""
    most = max((peak.messages for peak in peaks(load, costs)), default=0.0) * costs.delivery / 1_000
    return [
        Need(
            f"the messages of the largest instant delivered in {MESSAGES_WITHIN / 60:.0f} minutes",
            _fewest(lambda workers: most / workers <= MESSAGES_WITHIN),
        ),
    ]


def scaled(load: Load, factor: float) -> Load:
    """Return the load of `factor` times as many complaints."""
    other = Load(load.lives)
    for name in ("transitions", "messages", "timers", "timed_messages", "lapses", "opened", "closed", "retired"):
        getattr(other, name).update({key: count * factor for key, count in getattr(load, name).items()})
    return other


def hours_of(load: Load) -> list[datetime]:
    """List the hours in which anything happens, in order."""
    return list(load.by_hour())


def running_by_day(load: Load, ends: dict[date, float]) -> Iterator[tuple[date, float]]:
    """Yield how many are opened and not yet ended, at the end of each day.

    `ends`: `closed` or `retired` of the load.
    """
    number, day = 0.0, min(load.opened)
    while day <= max(load.opened):
        number += load.opened.get(day, 0) - ends.get(day, 0)
        yield day, number
        day += DAY


def _fewest(enough: Callable[[int], bool]) -> int:
    """Return the fewest workers with which the condition holds.

    It holds for each larger number, too.
    """
    few, many = 0, 1
    while not enough(many):
        few, many = many, 2 * many
        if many > MOST_WORKERS:
            raise ValueError("no number of workers is enough")
    while many - few > 1:
        middle = (few + many) // 2
        few, many = (few, middle) if enough(middle) else (middle, many)
    return many


def temporal_writes(load: HourLoad) -> float:
    """Return how many times Temporal updates an execution in its database."""
    timers = TIMER_WRITES * (load.timers + load.retirements)
    return OPENING_WRITES * load.openings + ACT_WRITES * load.acts + timers + DELIVERY_WRITES * load.messages
