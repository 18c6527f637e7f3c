"""Working days and instants (R1, R2): a snapshot of one region's holidays as plain data."""

import calendar as months
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from complaints.procedure.dates.date_format import format_date

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
"""The least time there is: what was due before an instant was due a tick earlier."""
SATURDAY = 5
WEEKEND = "weekend"


class BeyondCalendarError(ValueError):
    """A day was asked for which the calendar does not know; it never takes unknown days for working days (R2)."""


@lru_cache
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _known_zone(name: str) -> str:
    try:
        zone(name)
    except (OSError, ValueError, ZoneInfoNotFoundError) as error:
        raise ValueError(f"{name!r} is not a time zone; give one such as Europe/London") from error
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]


class CalendarDay(BaseModel):
    """One line of a ledger: a day and, if it was skipped, why."""

    model_config = ConfigDict(frozen=True)

    on: date
    skipped: str | None
    """None for a counted day, otherwise `weekend` or the holiday's name."""

    @property
    def is_weekend(self) -> bool:
        return self.skipped == WEEKEND


def months_after(day: date, number: int) -> date:
    """The corresponding date `number` months on, or that month's last day if there is none (R2)."""
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def days_between(day_0: date, last: date) -> list[date]:
    """The days after `day_0` up to `last`."""
    return [day_0 + n * DAY for n in range(1, (last - day_0).days + 1)]


class WorkingCalendar(BaseModel):
    """The days from `first` to `last`, both included; Monday to Friday are working days but for `holidays`."""

    model_config = ConfigDict(frozen=True)

    version: str
    region: str
    time_zone: TimeZone
    first: date
    last: date
    holidays: dict[date, str]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError(f"first ({self.first}) must not come after last ({self.last})")
        return self

    def day_of(self, instant: datetime) -> date:
        """The local date on which an instant falls: 23:30 UTC in July is the next day in London (R1)."""
        return instant.astimezone(zone(self.time_zone)).date()

    def at(self, day: date, clock: time) -> datetime:
        """The instant (UTC) at which the local clock shows `clock` on `day`; the first, if it does so twice."""
        return datetime.combine(day, clock, zone(self.time_zone)).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """The instant (UTC) at which `day` ends: the local midnight after it (R2)."""
        return self.at(day + DAY, time.min)

    def why_skipped(self, day: date) -> str | None:
        """None for a working day, else why it is none. Raises BeyondCalendarError outside the calendar."""
        if not self.first <= day <= self.last:
            raise BeyondCalendarError(
                f"the calendar {self.version} knows {self.first} to {self.last}, and {day} lies outside"
            )
        return self.holidays.get(day) or (WEEKEND if day.weekday() >= SATURDAY else None)

    def is_working_day(self, day: date) -> bool:
        return self.why_skipped(day) is None

    def days_after(self, day: date) -> Iterator[CalendarDay]:
        """Every day after `day`, counted or skipped; ends with BeyondCalendarError."""
        while True:
            day += DAY
            yield CalendarDay(on=day, skipped=self.why_skipped(day))

    def working_day_after(self, day: date, number: int) -> date:
        """Day `number`, with `day` as day 0, whether or not it is a working day itself (R2); `number` >= 1."""
        while number > 0:
            day += DAY
            number -= self.is_working_day(day)
        return day

    def working_day_from(self, day: date) -> date:
        """The day itself, or the next working day."""
        return self.working_day_after(day - DAY, 1)

    def working_day_before(self, day: date, number: int = 1) -> date:
        """The `number`-th working day before `day`; `number` >= 1."""
        while number > 0:
            day -= DAY
            number -= self.is_working_day(day)
        return day

    def ledger(self, day_0: date, last: date) -> list[CalendarDay]:
        """The days after `day_0` up to `last`, each counted or skipped."""
        return [CalendarDay(on=on, skipped=self.why_skipped(on)) for on in days_between(day_0, last)]

    def extended(self, further: Self) -> Self:
        """This calendar and, for the days after its last, a further one of the same region. What is known stays.

        Raises BeyondCalendarError if days between the two would stay unknown.
        """
        if further.first > self.last + DAY:
            raise BeyondCalendarError(f"the days from {self.last + DAY} to {further.first - DAY} would stay unknown")
        later = {day: name for day, name in further.holidays.items() if day > self.last}
        return self.model_copy(
            update={
                "version": f"{self.version}; {further.version} from {self.last + DAY}",
                "last": max(self.last, further.last),
                "holidays": self.holidays | later,
            }
        )

    def changes_to(self, other: Self) -> list["CalendarChange"]:
        """The days, known to both, on which one works by one of the two calendars alone."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        named = {day for day in self.holidays.keys() | other.holidays.keys() if first <= day <= last}
        days = (CalendarChange(on=day, was=self.why_skipped(day), now=other.why_skipped(day)) for day in sorted(named))
        return [day for day in days if (day.was is None) != (day.now is None)]


class CalendarChange(BaseModel):
    """A day that has become, or is no longer, a working day; `was` and `now` say why it is skipped, None: it counts."""

    model_config = ConfigDict(frozen=True)

    on: date
    was: str | None
    now: str | None

    def __str__(self) -> str:
        return f"{format_date(self.on)}: {self.now or f'no longer {self.was}'}"
