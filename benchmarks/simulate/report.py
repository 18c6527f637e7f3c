"""Print a simulated year as Markdown."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime, time
from typing import NamedTuple

from benchmarks.simulate import capacity
from benchmarks.simulate.arrivals import days_between, follows_holiday
from benchmarks.simulate.capacity import Costs, Peak, peaks, running_by_day, scaled
from benchmarks.simulate.load import HourLoad, Load, Size, calendar_of
from benchmarks.tables.markdown import markdown
from complaints.procedure.dates.calendar import WorkingCalendar, zone
from complaints.procedure.dates.date_format import format_date

SECONDS_OF_YEAR = 365 * 86_400
WORKERS = (1, 2, 4, 8, 16)
FACTORS = (0.1, 0.25, 0.5, 1, 2)


class Days(NamedTuple):
    """Days of the year that are alike."""

    title: str
    days: Sequence[date]


def report(size: Size, load: Load, costs: Costs, reads: float) -> Iterator[str]:
    """Yield the paragraphs. `reads`: HTTP requests that only read, for each act."""
    calendar = calendar_of(size.year)
    yield sampling(size, load)
    yield markdown(
        ("in the year", "number", "a second, on average", "in the busiest hour"), list(_totals(load, costs, reads))
    )
    yield (
        f"Open at a time: {_range(load, load.closed, size.year)}. Workflows that run, which closed complaints do "
        f"until they retire: {_range(load, load.retired, size.year)}."
    )
    kinds = kinds_of_day(calendar, size.year)
    yield markdown(
        ("hour", *(f"{kind.title} ({len(kind.days)})" for kind in kinds)), list(_hours(load, calendar, kinds))
    )
    yield "Each cell: transitions / letters and alerts that are owed."
    head = ("instant", "timers", "of these lapses", "messages", *(f"drained by {each}, s" for each in WORKERS))
    yield markdown(head, list(_instants(load, costs, calendar)))
    head = ("workers of complaints", f"lapses later than {capacity.LAPSE_WITHIN:.0f} s", "acts that wait", "at most, s")
    yield markdown(head, list(_promises(load, costs)))
    yield markdown(
        ("complaints a year", "open", "workflows that run", *(need.condition for need in _needs(load, costs))),
        list(_sizes(size, load, costs)),
    )


def sampling(size: Size, load: Load) -> str:
    """Say what was simulated, and how exact it is."""
    total = load.relative_error(capacity.hours_of(load))
    largest = peaks(load, Costs(0, 0, 0, 0))[0].at.replace(minute=0) if load.timers else None
    peak = f"; of the largest hour's, {load.relative_error([largest]):.1%}" if largest else ""
    how = "every complaint" if size.sample is None else f"{size.sample} lives for each day of opening, weighed"
    return (
        f"{size.complaints:,} complaints of {size.year}, and those of the year before that live on: {how}, "
        f"{load.lives:,} lives. Seed `{size.seed}`. "
        f"Standard error of the year's transitions: {total:.2%}{peak}."
    )


def kinds_of_day(calendar: WorkingCalendar, year: int) -> list[Days]:
    """Sort the days of the year."""
    days = list(days_between(date(year, 1, 1), date(year, 12, 31)))
    working = [day for day in days if calendar.is_working_day(day)]
    after = [day for day in working if follows_holiday(calendar, day)]
    plain = [day for day in working if day not in after]
    return [
        Days("Tuesday to Friday", [day for day in plain if day.weekday() > 0]),
        Days("Monday", [day for day in plain if day.weekday() == 0]),
        Days("first working day after a bank holiday", after),
        Days("day off", [day for day in days if not calendar.is_working_day(day)]),
    ]


def hours_of_days(calendar: WorkingCalendar, days: Sequence[date], hour: int) -> list[datetime]:
    """Return that hour, local time, of each day."""
    return [calendar.at(day, time(hour)) for day in days]


def _totals(load: Load, costs: Costs, reads: float) -> Iterator[Sequence[str]]:
    total = load.total()
    busiest = max(load.by_hour().values(), key=lambda each: each.workflow_tasks)
    rows: dict[str, Callable[[HourLoad], float]] = {
        "openings": lambda each: each.openings,
        "acts": lambda each: each.acts,
        "timers that fire": lambda each: each.timers,
        "workflows that retire": lambda each: each.retirements,
        "transitions written to PostgreSQL": lambda each: each.recordings,
        "letters and alerts": lambda each: each.messages,
        "workflow tasks of complaints": lambda each: each.workflow_tasks,
        "workflow tasks of deliveries": lambda each: 2 * each.messages,
        "activities: recordings of openings and acts, deliveries": lambda each: (
            each.openings + each.acts + each.messages
        ),
        f"HTTP requests, with {reads:g} that read for each act": lambda each: each.openings + each.acts * (1 + reads),
        "updates of executions in Temporal's database": capacity.temporal_writes,
        "CPU seconds of workers of complaints": costs.of_complaints,
        "CPU seconds of workers of deliveries": costs.of_deliveries,
    }
    for title, figure in rows.items():
        year = figure(total)
        yield title, f"{year:,.0f}", f"{year / SECONDS_OF_YEAR:.2f}", f"{figure(busiest):,.0f}"


def _range(load: Load, ends: dict[date, float], year: int) -> str:
    numbers = [number for day, number in running_by_day(load, ends) if day.year == year]
    return f"{min(numbers):,.0f} to {max(numbers):,.0f}"


def _hours(load: Load, calendar: WorkingCalendar, kinds: Sequence[Days]) -> Iterator[Sequence[str]]:
    for hour in range(24):
        means = [load.mean_of(hours_of_days(calendar, kind.days, hour)) for kind in kinds]
        yield f"{hour:02}:00", *(f"{each.transitions:,.0f} / {each.messages:,.0f}" for each in means)


def _instants(load: Load, costs: Costs, calendar: WorkingCalendar) -> Iterator[Sequence[str]]:
    """Yield the largest instants, and those of first working days after bank holidays."""
    local = zone(calendar.time_zone)
    found = peaks(load, costs)
    in_morning = [peak for peak in found if peak.at.astimezone(local).hour > 0]
    at_midnight = [peak for peak in found if peak.at.astimezone(local).hour == 0]
    with_lapses = sorted(at_midnight, key=lambda peak: -peak.lapses)
    after = [peak for peak in in_morning if follows_holiday(calendar, peak.at.astimezone(local).date())]
    rows = [("the largest", peak) for peak in in_morning[:1]]
    rows += [("after a bank holiday", peak) for peak in sorted(after, key=lambda peak: peak.at)]
    rows += [("the median hour of notices", peak) for peak in _median(in_morning)]
    rows += [("the largest midnight", peak) for peak in at_midnight[:1]]
    rows += [("the midnight with most lapses", peak) for peak in with_lapses[:1]]
    rows += [("the median midnight", peak) for peak in _median(at_midnight)]
    for title, peak in rows:
        at = peak.at.astimezone(local)
        yield (
            f"{title}: {format_date(at.date())}, {at:%H:%M}",
            f"{peak.timers:,.0f}",
            f"{peak.lapses:,.0f}",
            f"{peak.messages:,.0f}",
            *(f"{peak.drained_in(workers, costs):,.0f}" for workers in WORKERS),
        )


def _promises(load: Load, costs: Costs) -> Iterator[Sequence[str]]:
    """Yield what each number of workers keeps: late lapses, and acts that wait behind a peak."""
    found, acts = peaks(load, costs), load.total().acts
    for workers in WORKERS:
        yield (
            f"{workers}",
            f"{capacity.late_lapses(found, workers, costs):.2%}",
            f"{capacity.delayed_acts(found, acts, workers, costs):.2%}",
            f"{max((peak.drained_in(workers, costs) for peak in found if peak.acts_per_second), default=0):,.0f}",
        )


def _median(found: Sequence[Peak]) -> Sequence[Peak]:
    return found[len(found) // 2 : len(found) // 2 + 1]


def _needs(load: Load, costs: Costs) -> list[capacity.Need]:
    return [*capacity.complaint_workers(load, costs), *capacity.delivery_workers(load, costs)]


def _sizes(size: Size, load: Load, costs: Costs) -> Iterator[Sequence[str]]:
    """Yield the workers that each condition takes, for more and for fewer complaints."""
    for factor in FACTORS:
        other = scaled(load, factor)
        yield (
            f"{size.complaints * factor:,.0f}",
            *(
                f"{max(number for _, number in running_by_day(other, ends)):,.0f}"
                for ends in (other.closed, other.retired)
            ),
            *(f"{need.workers}" for need in _needs(other, costs)),
        )
