"""Allowances in calendar days, weeks, months and hours, and last days that roll (R2)."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from complaints.procedure.dates.allowance import Allowance, moment
from complaints.procedure.dates.ledgers import ledgers_of
from complaints.procedure.policy import Policy
from complaints.procedure.views.policy_diff import differences
from tests.procedure.builders import FOS, at, calendar_of, day, opened

CALENDAR = calendar_of(FOS)
UNTIL = (CALENDAR.last - timedelta(days=720)).toordinal()

instants = st.integers(CALENDAR.first.toordinal() + 1, UNTIL).map(
    lambda number: datetime.combine(date.fromordinal(number), time(11), UTC)
)
calendar_allowances = st.one_of(
    st.builds(lambda number: {"calendar_days": number}, st.integers(1, 700)),
    st.builds(lambda number: {"weeks": number}, st.integers(1, 100)),
    st.builds(lambda number: {"months": number}, st.integers(1, 23)),
)


def policy_with(within: dict[str, Any]) -> Policy:
    manager, *later = FOS.tiers
    assert manager.reply
    reply = manager.reply.model_copy(update={"within": Allowance.model_validate(within)})
    return FOS.model_copy(update={"tiers": (manager.model_copy(update={"reply": reply}), *later)})


@pytest.mark.parametrize(
    ("start", "allowance", "last", "rolled"),
    [
        ("2026-03-02 10:00", {"calendar_days": 5}, "2026-03-07", "2026-03-09"),
        ("2026-03-02 10:00", {"calendar_days": 7}, "2026-03-09", "2026-03-09"),
        ("2026-03-06 10:00", {"weeks": 4}, "2026-04-03", "2026-04-07"),
        ("2026-12-18 10:00", {"weeks": 1}, "2026-12-25", "2026-12-29"),
        ("2027-01-31 10:00", {"months": 1}, "2027-02-28", "2027-03-01"),
        ("2028-01-31 10:00", {"months": 1}, "2028-02-29", "2028-02-29"),
        ("2026-07-01 23:30Z", {"calendar_days": 1}, "2026-07-03", "2026-07-03"),
    ],
)
def test_a_last_day_is_any_day_unless_it_rolls(start: str, allowance: dict[str, int], last: str, rolled: str) -> None:
    begun = moment(CALENDAR, at(start))
    plain = Allowance.model_validate(allowance).due(CALENDAR, begun)
    assert plain == (day(last), CALENDAR.end_of(day(last)))
    assert Allowance.model_validate(allowance | {"roll": True}).due(CALENDAR, begun).on == day(rolled)


@pytest.mark.parametrize(
    ("start", "hours", "due"),
    [
        ("2026-03-28 12:00Z", 24, "2026-03-29 12:00Z"),
        ("2026-10-24 12:00", 24, "2026-10-25 11:00"),
        ("2026-12-24 16:00", 48, "2026-12-26 16:00"),
    ],
)
def test_hours_count_elapsed_time(start: str, hours: int, due: str) -> None:
    assert Allowance(hours=hours).due(CALENDAR, moment(CALENDAR, at(start))).at == at(due)


def test_hours_from_a_local_time_count_elapsed_time_too() -> None:
    local = at("2027-03-27 12:00Z").astimezone(ZoneInfo("Europe/London"))
    assert Allowance(hours=24).due(CALENDAR, moment(CALENDAR, local)).at == at("2027-03-28 12:00Z")


def test_hours_that_end_at_midnight_end_with_the_day_before() -> None:
    assert Allowance(hours=24).due(CALENDAR, moment(CALENDAR, at("2026-03-02 00:00"))).on == day("2026-03-02")


@given(instants, calendar_allowances)
def test_a_rolled_date_is_the_first_working_day_that_is_not_earlier(start: datetime, allowance: dict[str, int]) -> None:
    begun = moment(CALENDAR, start)
    plain = Allowance.model_validate(allowance).due(CALENDAR, begun).on
    rolled = Allowance.model_validate(allowance | {"roll": True}).due(CALENDAR, begun).on
    assert rolled >= plain
    assert CALENDAR.is_working_day(rolled)
    assert not any(CALENDAR.is_working_day(plain + timedelta(days=n)) for n in range((rolled - plain).days))


@given(instants, calendar_allowances, st.booleans(), st.integers(0, 200))
def test_a_repeated_notice_is_the_first_that_is_not_past(
    start: datetime, allowance: dict[str, int], roll: bool, later: int
) -> None:
    every, base = Allowance.model_validate(allowance | {"roll": roll}), moment(CALENDAR, start)
    not_before = start + timedelta(days=later)
    number = every.notice_number(CALENDAR, base, time(9), not_before)
    assert every.notice_after(CALENDAR, base, time(9), not_before) >= not_before
    assert number == 1 or every.notice(CALENDAR, base, time(9), number - 1) < not_before


@pytest.mark.parametrize(
    "wrong",
    [
        {},
        {"weeks": 1, "hours": 1},
        {"working_days": 1, "roll": True},
        {"hours": 1, "roll": True},
        {"months": 24, "roll": True},
        {"weeks": 101},
        {"calendar_days": 0},
    ],
)
def test_an_allowance_has_one_unit_and_rolls_only_days(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Allowance.model_validate(wrong)


def test_a_deadline_that_rolls_explains_the_days_that_it_skipped() -> None:
    story = opened(policy=policy_with({"calendar_days": 5, "roll": True}))
    ledger = next(each for each in ledgers_of(story.complaint) if each.deadline.kind == "reply")
    assert ledger.allowance == "5 calendar days (rolled to a working day)"
    assert [(each.on.day, each.number) for each in ledger.days] == [
        (3, 1),
        (4, 2),
        (5, 3),
        (6, 4),
        (7, None),
        (8, None),
        (9, 5),
    ]


def test_rolling_is_a_difference_between_policies() -> None:
    (difference,) = differences(policy_with({"weeks": 8}), policy_with({"weeks": 8, "roll": True}))
    assert (difference.was, difference.now) == ("8 weeks", "8 weeks (rolled to a working day)")
