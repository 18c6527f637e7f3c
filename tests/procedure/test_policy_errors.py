"""A policy's mistakes are all listed, each with its key."""

import pytest

from complaints.policies.loader import read_policy
from tests.procedure.test_policies import FOLDER, errors, toml


def with_holidays(holidays: str) -> str:
    return toml() + f"\n[holidays]\n{holidays}\n"


@pytest.mark.parametrize(
    ("holidays", "expected"),
    [
        (
            "strike = [2026-05-05]",
            "holidays.strike[1]: Tue 5 May 2026 is no holiday of england-and-wales; 2026-05-04, May Day?",
        ),
        (
            "strike = [2026-02-10]",
            "holidays.strike[1]: Tue 10 Feb 2026 is no holiday of england-and-wales; correct the date, or leave it out",
        ),
        (
            "strike = [2026-05-04, 2026-05-09]",
            "holidays.strike[2]: Sat 9 May 2026 is no working day anyway; correct the date, or leave it out",
        ),
        ("strike = [2026-05-04, 2026-05-04]", "holidays.strike[2]: Mon 4 May 2026 is given twice; give it once"),
        ("strike = [20260504]", "holidays.strike[1]: give a date such as 2026-12-09"),
        ('strike = ["2026-05-32"]', "holidays.strike[1]: give a date such as 2026-12-09"),
        ("strike = [2206-05-04]", "holidays.strike[1]: give a year from 1900 to 2199"),
        ('add = { "2026-13-01" = "X" }', "holidays.add.2026-13-01: give a date such as 2026-12-09"),
        ('add = { "1767225600" = "X" }', "holidays.add.1767225600: give a date such as 2026-12-09"),
        (
            'add = { "2026-05-09" = "X" }',
            "holidays.add.2026-05-09: Sat 9 May 2026 is no working day anyway; correct the date, or leave it out",
        ),
        (
            'add = { "2026-12-25" = "X" }',
            "holidays.add.2026-12-25: Fri 25 Dec 2026 is Christmas Day already; correct the date, or leave it out",
        ),
        (
            'add = { "2026-05-04" = "X" }\nstrike = [2026-05-04]',
            "holidays.add.2026-05-04: Mon 4 May 2026 is struck, too; leave out one of them",
        ),
        ('add = { "2026-06-01" = "\\u200b" }', "holidays.add.2026-06-01: no character of it can be seen; give a text"),
        ('ad = { "2026-06-01" = "X" }', "holidays.ad: there is no such field; add?"),
    ],
)
def test_a_holiday_that_changes_nothing_is_an_error(holidays: str, expected: str) -> None:
    assert errors(with_holidays(holidays)) == [expected]


def test_holidays_that_change_something_are_no_error() -> None:
    policy = read_policy(with_holidays('add = { "2026-06-01" = "Founder\'s day" }\nstrike = [2026-05-04]'))
    assert (len(policy.holidays.add), len(policy.holidays.strike)) == (1, 1)


def test_an_annual_report_without_a_review_is_an_error() -> None:
    text = (FOLDER / "housing-complaint-handling-code.toml").read_text(encoding="utf-8")
    text += "\n[annual_report]\nyear_begins = { month = 4, day = 1 }\ncompensation_bands = [50]\n"
    assert errors(text) == ["annual_report: no tier reviews, so there is nothing to report; leave it out"]


def test_errors_of_every_kind_are_listed_together() -> None:
    text = toml(**{"notices_at": "notice_hour = 9\nnotices_at", 'region = "england-and-wales"': 'region = "wales"'})
    assert errors(text + "\n[anual_report]\n") == [
        "notice_hour: there is no such field; notices_at?",
        "anual_report: there is no such field; annual_report?",
        "region: there is no 'wales'; give one of england-and-wales, scotland, northern-ireland",
    ]


@pytest.mark.parametrize("hour", ["9", '"9"', '"09:00+01:00"', "32400.5"])
def test_a_number_is_no_time_of_day(hour: str) -> None:
    text = toml(**{"notices_at = 09:00:00": f"notices_at = {hour}"})
    assert errors(text) == ["notices_at: give a time such as 09:00"]


def test_a_step_has_no_id_of_a_role_of_the_directory() -> None:
    for role in ("administrator", "auditor"):
        assert errors(toml().replace('"manager"', f'"{role}"')) == [
            f"tiers: {role} is a role of the staff directory; give another id"
        ]
