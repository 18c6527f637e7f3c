"""Dates as people write them, in the local time of a policy."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.shared.local_dates import DateTextError, LocalDates
from complaints.policies.loader import load_policy
from complaints.procedure.dates.date_format import format_date, format_long_date

POLICY = load_policy("financial-ombudsman-service")
MORNING = datetime(2026, 11, 28, 9, 30, tzinfo=UTC)
DATES = LocalDates.of(POLICY, MORNING)
DAYS = st.dates(date(1900, 1, 2), date(2199, 12, 30))


@given(DAYS)
def test_every_form_of_a_day_is_read_back(day: date) -> None:
    long = format_long_date(day)
    forms = [
        f"{day}",
        f"{day:%d/%m/%Y}",
        f"{day.day}/{day.month}/{day.year}",
        format_date(day),
        format_date(day).upper(),
        format_date(day).partition(" ")[2],
        long,
        long.partition(" ")[2],
        f"  {long.replace(' ', ', ', 1)} ",
    ]
    assert [DATES.day(form) for form in forms] == [day] * len(forms)


@given(st.integers(0, 60 * 24 * 365 * 65))
def test_every_form_of_an_instant_is_read_back(minute: int) -> None:
    instant = datetime(1972, 1, 2, tzinfo=UTC) + timedelta(minutes=minute)
    assert DATES.instant(instant.isoformat()) == (instant, False)
    local = instant.astimezone(DATES.zone)
    for form in (DATES.format(instant), f"{local:%Y-%m-%dT%H:%M}", f"{local:%d/%m/%Y} at {local:%H:%M}"):
        try:
            assert DATES.instant(form) == (instant, False)
        except DateTextError as error:
            assert "comes twice" in str(error)  # noqa: PT017 (no other error may occur)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("today", date(2026, 11, 28)),
        ("Yesterday", date(2026, 11, 27)),
        (" TOMORROW ", date(2026, 11, 29)),
        ("4 Sept 2027", date(2027, 9, 4)),
        ("today 9:05", datetime(2026, 11, 28, 9, 5, tzinfo=UTC)),
        ("yesterday at 23:59", datetime(2026, 11, 27, 23, 59, tzinfo=UTC)),
        ("1 July 2026 10:30", datetime(2026, 7, 1, 9, 30, tzinfo=UTC)),
        ("2026-07-01 10:30", datetime(2026, 7, 1, 9, 30, tzinfo=UTC)),
        ("2026-07-01 10:30Z", datetime(2026, 7, 1, 10, 30, tzinfo=UTC)),
        ("2026-07-01T10:30+02:00", datetime(2026, 7, 1, 8, 30, tzinfo=UTC)),
    ],
)
def test_words_and_local_times_are_read(text: str, expected: date | datetime) -> None:
    assert DATES.day_or_instant(text) == expected


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("soon", "give a date such as 2026-12-09, 9 December 2026, 09/12/2026 or today"),
        ("", "give a date such as"),
        ("20270104", "give a date such as"),
        ("1767225600", "give a date such as"),
        ("04/01/27", "give a date such as"),
        ("4 January", "give a date such as"),
        ("٠٤/01/2027", "give a date such as"),
        ("4 Blob 2027", "give a date such as"),
        ("31 February 2027", "there is no such day"),
        ("2027-02-30", "there is no such day"),
        ("13/13/2027", "there is no such day"),
        ("Tue 4 Jan 2027", "that day is Mon 4 Jan 2027"),
        ("1899-12-31", "give a year from 1900 to 2199"),
        ("today 24:30", "there is no such time"),
        ("2027-03-28 01:30", "01:30 does not exist on Sun 28 Mar 2027; give the offset too"),
        ("2027-10-31 01:30", "01:30 comes twice on Sun 31 Oct 2027; give the offset too"),
    ],
)
def test_any_other_text_is_refused_with_the_remedy(text: str, says: str) -> None:
    with pytest.raises(DateTextError) as refused:
        DATES.day_or_instant(text)
    assert says in str(refused.value)


def test_a_day_and_month_in_figures_are_refused_outside_the_united_kingdom() -> None:
    elsewhere = LocalDates.of(POLICY.model_copy(update={"region": "elsewhere"}), MORNING)
    with pytest.raises(DateTextError, match="give the month's name"):
        elsewhere.day("04/01/2027")


def test_a_time_where_only_a_day_is_asked_for_is_refused() -> None:
    with pytest.raises(DateTextError, match="give a day without a time"):
        DATES.day("2026-12-09T10:00Z")


def test_a_day_where_an_instant_is_asked_for_means_its_noon() -> None:
    assert DATES.instant("1 July 2026") == (datetime(2026, 7, 1, 11, tzinfo=UTC), True)


def test_today_means_now_until_noon_has_come() -> None:
    assert DATES.instant("today") == (MORNING, True)
    afternoon = LocalDates.of(POLICY, MORNING + timedelta(hours=5))
    assert afternoon.instant("today") == (datetime(2026, 11, 28, 12, tzinfo=UTC), True)


def test_a_day_means_no_instant_before_the_earliest_of_that_day() -> None:
    received = MORNING - timedelta(hours=1)
    evening = LocalDates.of(POLICY, MORNING + timedelta(hours=10), MORNING + timedelta(hours=6))
    assert evening.instant("today") == (MORNING + timedelta(hours=6), True)
    assert evening.instant("tomorrow")[0].hour == 12
    assert LocalDates.of(POLICY, MORNING, received).instant("today") == (MORNING, True)


def test_today_is_the_local_day() -> None:
    late_in_july = LocalDates.of(POLICY, datetime(2026, 7, 1, 23, 30, tzinfo=UTC))
    assert late_in_july.day("today") == date(2026, 7, 2)
