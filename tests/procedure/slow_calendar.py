"""Count allowances one day at a time, without the procedure's code."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from itertools import count
from zoneinfo import ZoneInfo

from complaints.procedure.dates.allowance import Allowance
from complaints.procedure.state import ComplaintState

DAY = timedelta(days=1)


class Slow:
    """Count working days one day at a time."""

    def __init__(self, state: ComplaintState) -> None:
        self.zone = ZoneInfo(state.policy.time_zone)
        self.free = set(state.calendar.holidays)
        self.nine = state.policy.notices_at

    def works(self, day: date) -> bool:
        return day.isoweekday() < 6 and day not in self.free

    def after(self, day: date, number: int) -> date:
        while number:
            day += DAY
            number -= self.works(day)
        return day

    def before(self, day: date, number: int) -> date:
        while number:
            day -= DAY
            number -= self.works(day)
        return day

    def clock(self, day: date, clock: time) -> datetime:
        return datetime.combine(day, clock, self.zone).astimezone(UTC)

    def ends(self, day: date) -> datetime:
        return self.clock(day + DAY, time(0))

    def local(self, instant: datetime) -> date:
        return instant.astimezone(self.zone).date()

    def last_day(self, allowed: Allowance, on: date, times: int = 1) -> date:
        """Return the last day of so many allowances in days, weeks or months."""
        if allowed.working_days:
            return self.after(on, allowed.working_days * times)
        day = on + DAY * times * ((allowed.calendar_days or 0) + 7 * (allowed.weeks or 0))
        if allowed.months:
            years, month = divmod(on.month - 1 + allowed.months * times, 12)
            following = date(on.year + years + month // 11, (month + 1) % 12 + 1, 1)
            last = following - DAY
            day = last.replace(day=min(on.day, last.day))
        while allowed.roll and not self.works(day):
            day += DAY
        return day

    def end_of(self, allowed: Allowance, on: date, at: datetime) -> datetime:
        """Return the end of an allowance from the day `on`, or of elapsed time from `at`."""
        return at + elapsed if (elapsed := _elapsed(allowed)) else self.ends(self.last_day(allowed, on))

    def reminder(self, before: Allowance, on: date, at: datetime) -> datetime:
        elapsed = _elapsed(before)
        return at - elapsed if elapsed else self.clock(self.before(on, before.working_days or 0), self.nine)

    def notices(self, every: Allowance, on: date, at: datetime) -> Iterator[datetime]:
        """Yield nine o'clock on every n-th day after `on`, or every n hours or seconds after `at`."""
        for number in count(1):
            if elapsed := _elapsed(every):
                yield at + number * elapsed
            elif every.working_days:
                on = self.after(on, every.working_days)
                yield self.clock(on, self.nine)
            else:
                yield self.clock(self.last_day(every, on, number), self.nine)


def _elapsed(allowed: Allowance) -> timedelta:
    return timedelta(hours=allowed.hours or 0, seconds=allowed.seconds or 0)
