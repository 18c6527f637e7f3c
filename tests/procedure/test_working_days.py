"""Working days, and counting them (R1, R2)."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from pydantic import ValidationError

from complaints.calendars.builder import calendar_for, further_years
from complaints.procedure.dates.allowance import Allowance, DueInstant, moment
from complaints.procedure.dates.calendar import BeyondCalendarError, WorkingCalendar, months_after
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.policy import Policy
from tests.procedure.builders import FOS, at, calendar_of, day, local, opened

CALENDAR = calendar_of(FOS)


def due(start: str, calendar: WorkingCalendar = CALENDAR, **allowance: int) -> DueInstant:
    return Allowance(**allowance).due(calendar, moment(calendar, at(start)))


def elsewhere(region: str) -> WorkingCalendar:
    return calendar_of(FOS.model_copy(update={"region": region}))


def test_the_day_of_receipt_is_day_0() -> None:
    assert due("2026-03-02 10:00", working_days=2).on == day("2026-03-04")


def test_the_next_working_day_is_day_1_also_after_a_sunday() -> None:
    assert due("2026-03-01 10:00", working_days=1).on == day("2026-03-02")


def test_a_bank_holiday_is_not_counted() -> None:
    assert due("2026-04-02 10:00", working_days=2).on == day("2026-04-08")


def test_a_substitute_day_is_not_counted() -> None:
    assert due("2026-12-24 10:00", working_days=1).on == day("2026-12-29")


def test_the_deadline_is_the_end_of_the_last_day() -> None:
    assert due("2026-03-02 10:00", working_days=2).at == at("2026-03-05 00:00Z")


def test_in_summer_the_day_ends_at_23_utc() -> None:
    assert due("2026-07-01 10:00", working_days=2).at == at("2026-07-03 23:00Z")


def test_received_at_half_past_eleven_utc_in_july_is_received_the_next_day() -> None:
    assert due("2026-07-01 23:30Z", working_days=2).on == day("2026-07-06")


def test_half_past_eleven_utc_in_winter_is_the_same_day() -> None:
    assert due("2026-12-01 23:30Z", working_days=2).on == day("2026-12-03")


def test_a_deadline_set_before_the_spring_change_ends_in_summer_time() -> None:
    assert due("2026-03-27 10:00", working_days=2).at == at("2026-03-31 23:00Z")


def test_a_deadline_set_before_the_autumn_change_ends_in_winter_time() -> None:
    assert due("2026-10-23 10:00", working_days=2).at == at("2026-10-28 00:00Z")


def test_the_day_of_the_spring_change_has_23_hours() -> None:
    assert CALENDAR.end_of(day("2026-03-29")) - CALENDAR.end_of(day("2026-03-28")) == timedelta(hours=23)


def test_the_day_of_the_autumn_change_has_25_hours() -> None:
    assert CALENDAR.end_of(day("2026-10-25")) - CALENDAR.end_of(day("2026-10-24")) == timedelta(hours=25)


def test_a_midnight_that_the_clocks_skip_is_the_instant_of_the_change() -> None:
    beirut = CALENDAR.model_copy(update={"time_zone": "Asia/Beirut"})
    assert beirut.end_of(day("2024-03-30")) == at("2024-03-30 22:00Z")


def test_a_midnight_that_comes_twice_is_the_first() -> None:
    havana = CALENDAR.model_copy(update={"time_zone": "America/Havana"})
    assert havana.end_of(day("2024-11-02")) == at("2024-11-03 04:00Z")


def test_scotland_has_the_second_of_january_and_saint_andrew_but_no_easter_monday() -> None:
    scotland = elsewhere("scotland")
    assert not scotland.is_working_day(day("2026-01-02"))
    assert not scotland.is_working_day(day("2026-11-30"))
    assert scotland.is_working_day(day("2026-04-06"))
    assert due("2025-12-31 10:00", scotland, working_days=1).on == day("2026-01-05")


def test_northern_ireland_has_saint_patrick_and_the_twelfth_of_july() -> None:
    northern_ireland = elsewhere("northern-ireland")
    assert due("2026-03-16 10:00", northern_ireland, working_days=1).on == day("2026-03-18")
    assert not northern_ireland.is_working_day(day("2026-07-13"))
    assert CALENDAR.is_working_day(day("2026-07-13"))


def test_a_policy_adds_days_of_its_own_and_strikes_others() -> None:
    toml = {"add": {"2026-03-03": "Founder's day"}, "strike": ["2026-04-03"]}
    policy = Policy.model_validate(FOS.model_dump() | {"holidays": toml})
    calendar = calendar_for(policy, at("2026-03-02 10:00"), at("2026-03-02 10:00"))
    assert calendar.why_skipped(day("2026-03-03")) == "Founder's day"
    assert calendar.is_working_day(day("2026-04-03"))


def test_a_month_ends_on_the_same_date_of_the_next_month() -> None:
    assert due("2026-03-05 10:00", months=1) == (day("2026-04-05"), at("2026-04-06 00:00"))


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-01-31", 1, "2026-02-28"),
        ("2028-01-31", 1, "2028-02-29"),
        ("2026-03-31", 1, "2026-04-30"),
        ("2026-02-28", 1, "2026-03-28"),
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-03-15", -12, "2025-03-15"),
    ],
)
def test_a_month_without_that_date_ends_on_its_last_day(start: str, months: int, end: str) -> None:
    assert months_after(day(start), months) == day(end)


def test_an_act_at_the_deadlines_very_instant_is_late() -> None:
    story = opened()
    midnight = at("2026-03-05 00:00")
    story.complaint.elapse(midnight - timedelta(microseconds=1))
    assert story.times("lapsed") == []
    story.complaint.elapse(midnight)
    assert story.times("lapsed") == ["2026-03-05 00:00"]


def test_seconds_are_elapsed_time_also_over_a_change_of_the_clocks() -> None:
    assert local(due("2026-03-29 00:30", seconds=7200).at) == "2026-03-29 03:30"


def test_a_calendar_refuses_a_day_that_it_does_not_cover() -> None:
    with pytest.raises(BeyondCalendarError, match="2033-01-01"):
        due("2032-12-30 10:00", working_days=5)
    with pytest.raises(BeyondCalendarError, match="2023-12-31"):
        CALENDAR.working_day_before(day("2024-01-02"), 2)


def test_a_calendar_answers_for_its_last_day() -> None:
    assert due("2032-12-30 10:00", working_days=1).on == day("2032-12-31")


def test_further_years_change_no_earlier_day() -> None:
    calendar = calendar_for(FOS, at("2026-03-02 10:00"), at("2026-03-02 10:00"))
    longer = calendar.extended(further_years(FOS, calendar))
    assert (calendar.last, longer.last) == (date(2030, 12, 31), date(2034, 12, 31))
    assert calendar.holidays.items() <= longer.holidays.items()
    assert longer.why_skipped(day("2034-12-25"))


def test_further_years_that_leave_a_gap_are_refused() -> None:
    gap = CALENDAR.model_copy(update={"first": date(2034, 1, 1), "last": date(2036, 12, 31)})
    with pytest.raises(BeyondCalendarError, match="2033-01-01"):
        CALENDAR.extended(gap)


def test_a_calendar_reaches_from_a_year_before_receipt_to_four_years_from_now() -> None:
    calendar = calendar_for(FOS, at("2025-02-03 10:00"), at("2026-03-02 10:00"))
    assert (calendar.first, calendar.last) == (date(2024, 1, 1), date(2030, 12, 31))


def test_a_calendar_says_what_it_is_made_of() -> None:
    version = calendar_for(FOS, at("2026-03-02 10:00"), at("2026-03-02 10:00")).version
    assert version.startswith("england-and-wales, holidays ")
    assert version.endswith("financial-ombudsman-service 1")


def test_a_calendar_that_ends_before_it_begins_is_refused() -> None:
    with pytest.raises(ValidationError, match="must not come after"):
        WorkingCalendar.model_validate(CALENDAR.model_dump() | {"first": "2033-01-01"})


def test_a_ledger_says_of_each_day_whether_it_counted_and_why_not() -> None:
    ledger = CALENDAR.ledger(day("2026-04-02"), day("2026-04-07"))
    assert [(line.on.day, line.skipped) for line in ledger] == [
        (3, "Good Friday"),
        (4, "weekend"),
        (5, "weekend"),
        (6, "Easter Monday"),
        (7, None),
    ]


def test_every_deadline_explains_itself() -> None:
    story = opened("2026-04-02 10:00")
    deadline: Deadline = story.deadline("acknowledgement")
    assert [line.on for line in deadline.ledger(CALENDAR) if not line.skipped] == [day("2026-04-07"), day("2026-04-08")]
    detail = story.events("deadline_set", kind="acknowledgement")[0].detail
    assert detail["skipped"][0] == {"on": "2026-04-03", "why": "Good Friday"}
    assert (detail["policy"], detail["calendar"]) == ("financial-ombudsman-service 1", CALENDAR.version)


def test_notices_come_at_nine_by_the_local_clock_in_winter_and_in_summer() -> None:
    assert CALENDAR.at(day("2026-01-05"), time(9)) == datetime(2026, 1, 5, 9, tzinfo=UTC)
    assert CALENDAR.at(day("2026-07-06"), time(9)) == datetime(2026, 7, 6, 8, tzinfo=UTC)


def test_a_calendar_counts_in_its_own_time_zone() -> None:
    auckland = CALENDAR.model_copy(update={"time_zone": "Pacific/Auckland"})
    start = at("2026-07-01 23:30", ZoneInfo("Pacific/Auckland"))
    assert Allowance(working_days=1).due(auckland, moment(auckland, start)).at == at("2026-07-02 12:00Z")
