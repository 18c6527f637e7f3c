"""Allowances: how long something may take, and when it is due (R2)."""

from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from complaints.procedure.dates.calendar import DAY, TICK, WorkingCalendar, months_after
from complaints.procedure.field_types import Integer, YesNo

MAX_WORKING_DAYS, MAX_CALENDAR_DAYS, MAX_WEEKS, MAX_HOURS = 400, 700, 100, 16_000
"""Each is less than the two years that a complaint's calendar always reaches ahead."""
MAX_MONTHS, MAX_ROLLED_MONTHS = 600, 23
"""Months need no calendar, except to roll their last day."""
Count = Annotated[Integer, Field(ge=1, le=100_000)]
WorkingDays = Annotated[Integer, Field(ge=1, le=MAX_WORKING_DAYS)]
Months = Annotated[Integer, Field(ge=1, le=MAX_MONTHS)]


class Counting(StrEnum):
    """What an allowance counts."""

    WORKING_DAYS = "working_days"
    CALENDAR = "calendar"
    """Every day: calendar days, weeks and months."""
    TIME = "time"
    """Elapsed time: hours and seconds."""


class DueInstant(NamedTuple):
    """A local day and an instant in UTC. For something due, the instant is the end of the day."""

    on: date
    at: datetime


def moment(calendar: WorkingCalendar, at: datetime) -> DueInstant:
    return DueInstant(calendar.day_of(at), at)


def due_by_end_of(calendar: WorkingCalendar, day: date) -> DueInstant:
    return DueInstant(day, calendar.end_of(day))


class Allowance(BaseModel):
    """Exactly one of: working days, calendar days, weeks, months, hours, seconds (R2)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    working_days: WorkingDays | None = None
    calendar_days: Annotated[Integer, Field(ge=1, le=MAX_CALENDAR_DAYS)] | None = None
    weeks: Annotated[Integer, Field(ge=1, le=MAX_WEEKS)] | None = None
    months: Months | None = None
    hours: Annotated[Integer, Field(ge=1, le=MAX_HOURS)] | None = None
    seconds: Count | None = None
    """For manual trials."""
    roll: YesNo = False
    """Whether a last day that is no working day rolls to the next working day."""

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if len(self._units()) != 1:
            *others, last = UNITS
            raise ValueError(f"give exactly one of {', '.join(others)} and {last}")
        if self.roll and self.counting is not Counting.CALENDAR:
            raise ValueError("roll: is for calendar_days, weeks and months; leave it out")
        if self.roll and (self.months or 0) > MAX_ROLLED_MONTHS:
            raise ValueError(f"months: give at most {MAX_ROLLED_MONTHS} with roll")
        return self

    def _units(self) -> dict[str, int]:
        given = {unit: getattr(self, unit) for unit in UNITS}
        return {unit: number for unit, number in given.items() if number is not None}

    def __str__(self) -> str:
        return f"{self.length} (rolled to a working day)" if self.roll else self.length

    @property
    def length(self) -> str:
        """Its number and unit, such as `8 weeks`, without the rolling."""
        ((unit, number),) = self._units().items()
        return f"{number} {unit.removesuffix('s').replace('_', ' ')}{'s' * (number > 1)}"

    @property
    def counting(self) -> Counting:
        if self.working_days is not None:
            return Counting.WORKING_DAYS
        return Counting.CALENDAR if self.elapsed is None else Counting.TIME

    @property
    def elapsed(self) -> timedelta | None:
        """The elapsed time of hours or seconds; None for days, weeks and months."""
        if self.hours is not None:
            return timedelta(hours=self.hours)
        return None if self.seconds is None else timedelta(seconds=self.seconds)

    @property
    def days_at_most(self) -> int:
        """A number of days that it never exceeds, for limits."""
        if self.elapsed is not None:
            return self.elapsed.days + 1
        rolled = 10 * (self.roll or self.working_days is not None)
        exact = (self.calendar_days or 0) + 7 * (self.weeks or 0) + 31 * (self.months or 0)
        return exact + (self.working_days or 0) * 3 // 2 + rolled

    def unrolled_day(self, day_0: date, times: int = 1) -> date:
        """Return the last day of `times` this allowance, not rolled.

        Only for calendar days, weeks and months.
        """
        if self.months is not None:
            return months_after(day_0, self.months * times)
        number = self.calendar_days or 7 * (self.weeks or 0)
        assert number, "working days, hours and seconds need a calendar or an instant"
        return day_0 + number * times * DAY

    def day_after(self, calendar: WorkingCalendar, day_0: date, times: int = 1) -> date:
        """Return the day on which `times` this allowance ends. Not for hours and seconds."""
        if self.working_days is not None:
            return calendar.working_day_after(day_0, self.working_days * times)
        day = self.unrolled_day(day_0, times)
        return calendar.working_day_from(day) if self.roll else day

    def due(self, calendar: WorkingCalendar, start: DueInstant, times: int = 1) -> DueInstant:
        """Return when `times` this allowance from `start` is due.

        Days, weeks and months end with their last day, hours and seconds count elapsed time (R2).
        """
        if self.elapsed is not None:
            at = start.at.astimezone(UTC) + times * self.elapsed
            return DueInstant(calendar.day_of(at - TICK), at)
        return due_by_end_of(calendar, self.day_after(calendar, start.on, times))

    def notice_after(self, calendar: WorkingCalendar, base: DueInstant, clock: time, not_before: datetime) -> datetime:
        """Return the first notice at or after `not_before`.

        Notices repeat by this allowance from `base`: at the local time `clock` on every n-th day after its day,
        or every n hours or seconds after its instant.
        """
        if self.working_days is not None:
            day = base.on
            while (at := calendar.at(day := self.day_after(calendar, day), clock)) < not_before:
                pass
            return at
        return self.notice(calendar, base, clock, self.notice_number(calendar, base, clock, not_before))

    def notice(self, calendar: WorkingCalendar, base: DueInstant, clock: time, number: int) -> datetime:
        """Return the notice with that number, from 1, of those that repeat from `base`."""
        if self.elapsed is not None:
            return base.at.astimezone(UTC) + number * self.elapsed
        return calendar.at(self.day_after(calendar, base.on, number), clock)

    def notice_number(self, calendar: WorkingCalendar, base: DueInstant, clock: time, at: datetime) -> int:
        """Return the number of the first notice at or after `at`, of those that repeat from `base`."""
        if self.elapsed is not None:
            return max(1, -((base.at - at) // self.elapsed))
        number = 1
        while self.notice(calendar, base, clock, number) < at:
            number += 1
        return number

    def notice_before(self, calendar: WorkingCalendar, due: DueInstant, clock: time) -> datetime:
        """Return the instant of the reminder (R6).

        It comes working days before, at the local time `clock`, or hours or seconds before.
        """
        if self.elapsed is not None:
            return due.at.astimezone(UTC) - self.elapsed
        assert self.working_days is not None, "a reminder comes working days, hours or seconds before"
        return calendar.at(calendar.working_day_before(due.on, self.working_days), clock)


UNITS = ("working_days", "calendar_days", "weeks", "months", "hours", "seconds")
