"""The calendar of working days (R1, R2): a snapshot of one region's holidays as data."""

import calendar as months
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Annotated, NamedTuple, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, ConfigDict, model_validator

from complaints.procedure.dates.date_format import format_date
from complaints.procedure.field_types import StoredText

DAY = timedelta(days=1)
TICK = timedelta(microseconds=1)
"""The smallest difference between two instants."""
SATURDAY = 5
WEEKEND = "weekend"


class BeyondCalendarError(ValueError):
    """The calendar does not cover the day; it never takes unknown days for working days (R2)."""


@lru_cache
def zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


def _known_zone(name: str) -> str:
    try:
        zone(name)
    except (OSError, ValueError, ZoneInfoNotFoundError) as error:
        raise ValueError("there is no such time zone; give one such as Europe/London") from error
    return name


TimeZone = Annotated[str, AfterValidator(_known_zone)]


class CalendarDay(NamedTuple):
    """A day of a count: counted, or skipped and why."""

    on: date
    skipped: str | None
    """None: counted; otherwise `weekend` or the holiday's name."""

    @property
    def is_weekend(self) -> bool:
        return self.skipped == WEEKEND

    def counted(self) -> Self:
        return self._replace(skipped=None)


def months_after(day: date, number: int) -> date:
    """Return the same date `number` months later, or else that month's last day (R2)."""
    year, month = divmod(day.year * 12 + day.month - 1 + number, 12)
    return date(year, month + 1, min(day.day, months.monthrange(year, month + 1)[1]))


def days_between(day_0: date, last: date) -> list[date]:
    """Return the days after `day_0` up to and including `last`."""
    return [date.fromordinal(n) for n in range(day_0.toordinal() + 1, last.toordinal() + 1)]


class WorkingCalendar(BaseModel):
    """Working days from `first` to `last`, both included: Monday to Friday without `holidays`."""

    model_config = ConfigDict(frozen=True)

    version: StoredText
    region: StoredText
    time_zone: TimeZone
    first: date
    last: date
    holidays: dict[date, StoredText]

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.first > self.last:
            raise ValueError(f"first ({self.first}) must not come after last ({self.last})")
        return self

    def day_of(self, instant: datetime) -> date:
        """Return the local date of an instant. 23:30 UTC in July is the next day in London (R1)."""
        return instant.astimezone(zone(self.time_zone)).date()

    def at(self, day: date, clock: time) -> datetime:
        """Return the instant (UTC) of a local time on `day`; the first, if the clock shows it twice."""
        return datetime.combine(day, clock, zone(self.time_zone)).astimezone(UTC)

    def end_of(self, day: date) -> datetime:
        """Return the instant (UTC) at which `day` ends: the local midnight after it (R2)."""
        return self.at(day + DAY, time.min)

    def why_skipped(self, day: date) -> str | None:
        """Return why a day is no working day, or None. Raises BeyondCalendarError."""
        if not self.first <= day <= self.last:
            raise BeyondCalendarError(
                f"the calendar {self.version} knows {self.first} to {self.last}, and {day} lies outside"
            )
        return self.holidays.get(day) or (WEEKEND if day.weekday() >= SATURDAY else None)

    def is_working_day(self, day: date) -> bool:
        return self.why_skipped(day) is None

    def working_day_after(self, day: date, number: int) -> date:
        """Return working day `number` after day 0, which need not be a working day (R2)."""
        while number > 0:
            day += DAY
            number -= self.is_working_day(day)
        return day

    def working_day_from(self, day: date) -> date:
        """Return the day, or the next working day if it is none."""
        return self.working_day_after(day - DAY, 1)

    def working_day_before(self, day: date, number: int = 1) -> date:
        """Return the `number`-th working day before `day`."""
        while number > 0:
            day -= DAY
            number -= self.is_working_day(day)
        return day

    def ledger(self, day_0: date, last: date) -> list[CalendarDay]:
        """Return the days after `day_0` up to `last`, each counted or skipped."""
        return [CalendarDay(on, self.why_skipped(on)) for on in days_between(day_0, last)]

    def extended(self, further: Self) -> Self:
        """Return this calendar, continued after its last day by a `further` one of the same region.

        Days that this calendar covers do not change. Raises BeyondCalendarError if there is a gap between the two.
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
        """Return the days, of those in both calendars, that are working days in only one of them."""
        first, last = max(self.first, other.first), min(self.last, other.last)
        in_one = self.holidays.keys() ^ other.holidays.keys()
        days = sorted(day for day in in_one if first <= day <= last and day.weekday() < SATURDAY)
        return [CalendarChange(on=day, was=self.why_skipped(day), now=other.why_skipped(day)) for day in days]


class CalendarChange(BaseModel):
    """A day that has become, or is no longer, a working day.

    `was` and `now` are the reasons to skip it; None: it is a working day.
    """

    model_config = ConfigDict(frozen=True)

    on: date
    was: str | None
    now: str | None

    def __str__(self) -> str:
        return f"{format_date(self.on)}: {self.now or f'no longer {self.was}'}"
