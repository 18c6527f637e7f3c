"""Allowances: how long something may take, and when it is due (R2)."""

from datetime import date, datetime, time, timedelta
from typing import Annotated, NamedTuple, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from complaints.procedure.dates.calendar import WorkingCalendar, months_after
from complaints.procedure.field_types import Integer

Count = Annotated[Integer, Field(ge=1, le=100_000)]
WorkingDays = Annotated[Integer, Field(ge=1, le=400)]
"""At most 400: less than the two years that a complaint's calendar always reaches ahead."""
Months = Annotated[Integer, Field(ge=1, le=600)]


class DueInstant(NamedTuple):
    """A local day and an instant in UTC. For something due, the instant is the end of the day."""

    on: date
    at: datetime


def moment(calendar: WorkingCalendar, at: datetime) -> DueInstant:
    return DueInstant(calendar.day_of(at), at)


def due_by_end_of(calendar: WorkingCalendar, day: date) -> DueInstant:
    return DueInstant(day, calendar.end_of(day))


class Allowance(BaseModel):
    """Exactly one of: working days, calendar months, seconds (for manual trials)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    working_days: WorkingDays | None = None
    months: Months | None = None
    seconds: Count | None = None

    @model_validator(mode="after")
    def _exactly_one(self) -> Self:
        if sum(value is not None for value in (self.working_days, self.months, self.seconds)) != 1:
            raise ValueError("give exactly one of working_days, months, seconds")
        return self

    def __str__(self) -> str:
        for number, unit in (
            (self.working_days, "working day"),
            (self.months, "month"),
            (self.seconds, "second"),
        ):
            if number is not None:
                return f"{number} {unit}{'s' * (number > 1)}"
        raise AssertionError("an allowance has a unit")

    def day_after(self, calendar: WorkingCalendar, day_0: date, times: int = 1) -> date:
        """Return the day on which `times` this allowance ends. Not for seconds."""
        if self.months is not None:
            return months_after(day_0, self.months * times)
        assert self.working_days is not None, "seconds have no days"
        return calendar.working_day_after(day_0, self.working_days * times)

    def due(self, calendar: WorkingCalendar, start: DueInstant) -> DueInstant:
        """Return when something that starts at `start` is due: at a day's end, or after the seconds."""
        if self.seconds is not None:
            at = start.at + timedelta(seconds=self.seconds)
            return DueInstant(calendar.day_of(at), at)
        return due_by_end_of(calendar, self.day_after(calendar, start.on))

    def notice_after(self, calendar: WorkingCalendar, base: DueInstant, clock: time, not_before: datetime) -> datetime:
        """Return the first notice at or after `not_before`.

        Notices repeat by this allowance from `base`: at the local time `clock` on every n-th day after its day,
        or every n seconds after its instant.
        """
        if self.seconds is not None:
            passed = (not_before - base.at).total_seconds()
            times = max(1, -int(-passed // self.seconds))
            return base.at + times * timedelta(seconds=self.seconds)
        if self.months is not None:
            times = 1
            while (at := calendar.at(self.day_after(calendar, base.on, times), clock)) < not_before:
                times += 1
            return at
        day = base.on
        while (at := calendar.at(day := self.day_after(calendar, day), clock)) < not_before:
            pass
        return at

    def notice(self, calendar: WorkingCalendar, base: DueInstant, clock: time, number: int) -> datetime:
        """Return the notice with that number, from 1, of those that repeat from `base`."""
        if self.seconds is not None:
            return base.at + number * timedelta(seconds=self.seconds)
        return calendar.at(self.day_after(calendar, base.on, number), clock)

    def notice_number(self, calendar: WorkingCalendar, base: DueInstant, clock: time, at: datetime) -> int:
        """Return the number of the first notice at or after `at`, of those that repeat from `base`."""
        if self.seconds is not None:
            return max(1, -int(-(at - base.at).total_seconds() // self.seconds))
        number = 1
        while self.notice(calendar, base, clock, number) < at:
            number += 1
        return number

    def notice_before(self, calendar: WorkingCalendar, due: DueInstant, clock: time) -> datetime:
        """Return the reminder: this many working days before at local time `clock`, or seconds (R6)."""
        if self.seconds is not None:
            return due.at - timedelta(seconds=self.seconds)
        assert self.working_days is not None, "a reminder comes working days or seconds before"
        return calendar.at(calendar.working_day_before(due.on, self.working_days), clock)
