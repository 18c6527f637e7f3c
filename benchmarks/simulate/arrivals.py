"""Spread complaints over the days of a year, and over the hours of a day.

The weights are assumptions: change them here.
"""

from bisect import bisect
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import accumulate

from complaints.procedure.dates.calendar import DAY, WorkingCalendar, zone

WEEKDAY_WEIGHTS = (1.25, 1.15, 1.10, 1.05, 0.95, 0.35, 0.30)
"""Arrivals by day of the week, from Monday, against the mean of all days."""
HOLIDAY_WEIGHT = 0.40
"""Arrivals of a bank holiday that is not a weekend day."""
AFTER_HOLIDAY = 1.40
"""Factor of the first working day after a bank holiday."""
HOUR_WEIGHTS = (2, 1, 1, 1, 1, 2, 4, 8, 14, 22, 26, 24, 20, 20, 22, 22, 20, 18, 15, 14, 14, 12, 8, 4)
"""Arrivals by hour of the day, local time: most in working hours, many in the evening."""
STAFF_HOURS = (0,) * 9 + (12, 14, 13, 8, 9, 13, 13, 12, 6) + (0,) * 6
"""Acts of staff by hour of a working day, local time: from 9 to 18, fewer at noon."""


def days_between(first: date, last: date) -> Iterator[date]:
    """Yield the days from `first` to `last`, both included."""
    while first <= last:
        yield first
        first += DAY


def follows_holiday(calendar: WorkingCalendar, day: date) -> bool:
    """Return whether the day is the first working day after a bank holiday."""
    if not calendar.is_working_day(day):
        return False
    free = days_between(calendar.working_day_before(day) + DAY, day - DAY)
    return any(each in calendar.holidays for each in free)


def day_weight(calendar: WorkingCalendar, day: date) -> float:
    """Return how many arrive on the day, against the mean of all days."""
    if day.weekday() < 5 and not calendar.is_working_day(day):
        return HOLIDAY_WEIGHT
    return WEEKDAY_WEIGHTS[day.weekday()] * (AFTER_HOLIDAY if follows_holiday(calendar, day) else 1)


def arrivals_by_day(calendar: WorkingCalendar, year: int, total: int, earlier_days: int) -> dict[date, int]:
    """Spread `total` complaints over the year; add the days before it, at the same rate.

    The days of the year sum to `total` exactly.
    """
    first, last = date(year, 1, 1), date(year, 12, 31)
    weights = {day: day_weight(calendar, day) for day in days_between(first - earlier_days * DAY, last)}
    rate = total / sum(weight for day, weight in weights.items() if day >= first)
    arrivals = {day: int(rate * weight) for day, weight in weights.items()}
    by_remainder = sorted((day for day in weights if day >= first), key=lambda day: rate * weights[day] % 1)
    missing = total - sum(number for day, number in arrivals.items() if day >= first)
    for day in by_remainder[len(by_remainder) - missing :]:
        arrivals[day] += 1
    return arrivals


def instant_in_day(calendar: WorkingCalendar, day: date, weights: tuple[int, ...], share: float) -> datetime:
    """Return the instant of the day by which `share` (0 to 1) of its weight has passed."""
    sums = list(accumulate(weights))
    hour = bisect(sums, share * sums[-1])
    before = sums[hour] - weights[hour]
    seconds = int(3_599 * (share * sums[-1] - before) / weights[hour])
    local = datetime.combine(day, time(hour), zone(calendar.time_zone)) + timedelta(seconds=seconds + 1)
    return local.astimezone(UTC)


def share_of_day(calendar: WorkingCalendar, instant: datetime, weights: tuple[int, ...]) -> float:
    """Return which share of its day's weight has passed at the instant."""
    local = instant.astimezone(zone(calendar.time_zone))
    passed = sum(weights[: local.hour]) + weights[local.hour] * (local.minute * 60 + local.second) / 3_600
    return passed / sum(weights)
