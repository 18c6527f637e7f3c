"""Date arithmetic against a slow count that shares no code with it (R1, R2)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.calendars.builder import calendar_between
from complaints.procedure.dates.allowance import Allowance, moment
from complaints.procedure.dates.calendar import BeyondCalendarError, WorkingCalendar, months_after
from tests.procedure.builders import FOS

FIRST, LAST = date(2018, 1, 1), date(2032, 12, 31)
ZONES = [
    "Europe/London",
    "UTC",
    "America/Havana",
    "Asia/Beirut",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Asia/Kathmandu",
]
REGIONS = ["england-and-wales", "scotland", "northern-ireland"]
PLAIN = {region: calendar_between(FOS.model_copy(update={"region": region}), FIRST, LAST) for region in REGIONS}
EVERY_DAY = [FIRST + timedelta(days=number) for number in range((LAST - FIRST).days + 1)]

calendars = st.builds(
    lambda region, zone: PLAIN[region].model_copy(update={"time_zone": zone}),
    st.sampled_from(REGIONS),
    st.sampled_from(ZONES),
)
days = st.dates(FIRST, LAST)
instants = st.datetimes(datetime(2018, 1, 2), datetime(2032, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001 (hypothesis wants them so)


def slow_working_days(calendar: WorkingCalendar) -> list[date]:
    """All of them, written down."""
    free = set(calendar.holidays)
    return [day for day in EVERY_DAY if day.isoweekday() not in (6, 7) and day not in free]


def slow_day_of(instant: datetime, zone: str) -> date:
    return instant.astimezone(ZoneInfo(zone)).date()


def slow_end_of(day: date, zone: str) -> datetime:
    """Find the first instant, to the second, whose local date is after the day, by bisection."""
    early = datetime.combine(day, time.min, UTC) - timedelta(days=2)
    late = early + timedelta(days=5)
    while late - early > timedelta(seconds=1):
        middle = early + timedelta(seconds=(late - early) // timedelta(seconds=2))
        if slow_day_of(middle, zone) > day:
            late = middle
        else:
            early = middle
    return late


def slow_month_after(day: date) -> date:
    """The corresponding date of the next month, else that month's last day: by walking."""
    walked = day + timedelta(days=1)
    while walked.day != 1:
        walked += timedelta(days=1)
    while walked.day < day.day and (walked + timedelta(days=1)).day != 1:
        walked += timedelta(days=1)
    return walked


WORKING = {region: slow_working_days(PLAIN[region]) for region in REGIONS}


@given(calendars, instants, st.integers(1, 120))
def test_a_deadline_in_working_days_agrees_with_the_slow_count(
    calendar: WorkingCalendar, start: datetime, number: int
) -> None:
    day_0 = slow_day_of(start, calendar.time_zone)
    on = [day for day in WORKING[calendar.region] if day > day_0][number - 1]
    due = Allowance(working_days=number).due(calendar, moment(calendar, start))
    assert due.on == on
    assert due.at == slow_end_of(on, calendar.time_zone)


@given(calendars, days, st.integers(1, 30))
def test_a_reminder_in_working_days_agrees_with_the_slow_count(
    calendar: WorkingCalendar, day: date, number: int
) -> None:
    earlier = [working for working in WORKING[calendar.region] if working < day]
    if len(earlier) < number:
        with pytest.raises(BeyondCalendarError):
            calendar.working_day_before(day, number)
    else:
        assert calendar.working_day_before(day, number) == earlier[-number]


@given(days, st.integers(1, 24))
def test_a_date_some_months_later_agrees_with_the_slow_count(day: date, number: int) -> None:
    """Step from the first day of each month; stepping from the 31st would lose it."""
    first = day.replace(day=1)
    for _ in range(number):
        first = slow_month_after(first)
    last = slow_month_after(first) - timedelta(days=1)
    assert months_after(day, number) == min(date.fromordinal(first.toordinal() + day.day - 1), last)


@given(days)
def test_a_date_a_month_later_agrees_with_the_slow_count(day: date) -> None:
    assert months_after(day, 1) == slow_month_after(day)


@given(calendars, instants)
def test_the_end_of_a_day_is_the_first_instant_of_the_next(calendar: WorkingCalendar, instant: datetime) -> None:
    end = calendar.end_of(calendar.day_of(instant))
    assert instant < end
    assert calendar.day_of(end) > calendar.day_of(instant)
    assert calendar.day_of(end - timedelta(microseconds=1)) == calendar.day_of(instant)


@given(calendars, days, st.integers(0, 60))
def test_a_ledger_has_every_day_once_and_counts_the_working_ones(
    calendar: WorkingCalendar, day_0: date, length: int
) -> None:
    last = min(day_0 + timedelta(days=length), LAST)
    ledger = calendar.ledger(day_0, last)
    assert [line.on for line in ledger] == [day for day in EVERY_DAY if day_0 < day <= last]
    assert [line.on for line in ledger if not line.skipped] == [
        day for day in WORKING[calendar.region] if day_0 < day <= last
    ]


@given(calendars, instants, st.integers(1, 30), st.integers(0, 400))
def test_repeated_notices_come_at_nine_on_every_so_many_th_working_day(
    calendar: WorkingCalendar, start: datetime, every: int, later: int
) -> None:
    base = moment(calendar, start)
    not_before = start + timedelta(days=later, hours=5)
    after = [day for day in WORKING[calendar.region] if day > base.on][every - 1 :: every]
    nines = [datetime.combine(day, time(9), ZoneInfo(calendar.time_zone)) for day in after]
    wanted = next((nine for nine in nines if nine >= not_before), None)
    allowance = Allowance(working_days=every)
    if wanted is None:
        with pytest.raises(BeyondCalendarError):
            allowance.notice_after(calendar, base, time(9), not_before)
    else:
        assert allowance.notice_after(calendar, base, time(9), not_before) == wanted


@given(instants, st.integers(1, 1000), st.timedeltas(timedelta(0), timedelta(days=400)))
def test_notices_in_seconds_come_at_the_first_multiple_that_is_not_past(
    start: datetime, every: int, later: timedelta
) -> None:
    base = moment(PLAIN["scotland"], start)
    at = Allowance(seconds=every).notice_after(PLAIN["scotland"], base, time(9), start + later)
    assert (at - start) % timedelta(seconds=every) == timedelta(0)
    assert at >= start + later
    assert at - timedelta(seconds=every) < max(start + later, start + timedelta(microseconds=1))


def test_every_day_of_the_calendar_is_a_working_day_or_not() -> None:
    for region in REGIONS:
        assert [day for day in EVERY_DAY if PLAIN[region].is_working_day(day)] == WORKING[region]


def test_the_tenth_working_day_from_every_day_agrees_with_the_slow_count() -> None:
    working = WORKING["england-and-wales"]
    following = 0
    for day in EVERY_DAY:
        while following < len(working) and working[following] <= day:
            following += 1
        if following + 9 < len(working):
            assert PLAIN["england-and-wales"].working_day_after(day, 10) == working[following + 9]
