"""The window to the next tier, and the case that moves it (R7)."""

from complaints.procedure.acts import CaseClosed, CaseReopened, Escalate, Reply, Withdraw
from complaints.procedure.enums import Code
from tests.procedure.builders import BY_HAND, HOUSING, OPEN, POST, closed_untaken, day, opened, replied


def test_the_month_after_an_email_runs_from_the_day_of_sending() -> None:
    assert replied("2026-03-04 10:00").window_ends == "2026-04-05 00:00"


def test_the_month_after_a_letter_by_post_runs_from_two_working_days_later() -> None:
    story = replied("2026-03-06 10:00", complainant=POST)
    assert story.state.window
    assert story.state.window.received_on == day("2026-03-10")
    assert story.window_ends == "2026-04-11 00:00"


def test_a_letter_may_go_another_way_than_the_complainant_prefers() -> None:
    story = opened(complainant=POST).at("2026-03-06 10:00")
    story.does(Reply, channel="email")
    assert story.window_ends == "2026-04-07 00:00"
    assert story.events("letter")[-1].detail["channel"] == "email"


def test_a_letter_that_has_already_gone_opened_the_window_when_it_was_sent() -> None:
    story = opened().at("2026-03-10 10:00")
    story.does(Reply, sent_at="2026-03-05 10:00")
    assert story.window_ends == "2026-04-06 00:00"


def test_while_the_case_is_open_the_window_does_not_end() -> None:
    story = replied("2026-03-04 10:00", case=OPEN)
    assert story.window_ends is None
    story.at("2027-03-04 10:00").does(Escalate)


def test_when_the_case_closes_after_the_month_the_window_ends_with_what_is_learned() -> None:
    story = replied("2026-03-04 10:00", case=OPEN).at("2026-06-01 10:00")
    story.does(CaseClosed, on="2026-05-20 10:00")
    assert story.times("window_ended") == ["2026-06-01 10:00"]
    assert story.closed == "not_taken_further"


def test_an_escalation_received_before_the_closing_was_keyed_is_taken() -> None:
    story = replied("2026-03-04 10:00", case=OPEN).at("2026-06-01 10:00")
    story.does(CaseClosed, on="2026-05-20 10:00")
    story.does(Escalate, received_at="2026-05-29 10:00")


def test_when_the_case_closes_within_the_month_the_month_stays() -> None:
    story = replied("2026-03-04 10:00", case=OPEN).at("2026-03-10 10:00")
    story.does(CaseClosed)
    assert story.window_ends == "2026-04-05 00:00"
    assert story.times("window_moved") == ["2026-03-10 10:00"]


def test_a_case_that_opens_again_keeps_the_window_open() -> None:
    story = replied("2026-03-04 10:00").at("2026-04-04 10:00")
    story.does(CaseReopened)
    assert story.at("2026-09-04 10:00").closed is None


def test_a_window_that_has_ended_stays_ended_when_the_case_opens_again() -> None:
    story = closed_untaken()
    story.does(CaseReopened)
    story.refuses(Code.WINDOW_ENDED, Escalate)


def test_the_latest_statement_about_the_case_decides_in_any_order_of_arrival() -> None:
    story = replied("2026-03-04 10:00", case=OPEN).at("2026-03-10 10:00")
    story.does(CaseReopened, on="2026-03-09 10:00")
    story.does(CaseClosed, on="2026-03-08 10:00")
    assert story.state.case.open


def test_a_repeated_statement_about_the_case_changes_nothing() -> None:
    story = replied("2026-03-04 10:00", case=OPEN).at("2026-03-10 10:00")
    story.does(CaseClosed, on="2026-03-06 10:00")
    before = story.state.case.since, story.window_ends
    story.does(CaseClosed, on="2026-03-09 10:00")
    assert (story.state.case.since, story.window_ends) == before
    story.does(CaseReopened, on="2026-03-08 10:00")
    assert not story.state.case.open


def test_the_case_cannot_have_closed_in_the_future() -> None:
    opened(case=OPEN).refuses(Code.IN_FUTURE, CaseClosed, on="2026-03-03 10:00")


def test_a_body_without_cases_refuses_statements_about_them() -> None:
    opened(policy=HOUSING).refuses(Code.NO_CASE, CaseClosed)


def test_a_window_goes_on_to_move_with_the_case_after_a_withdrawal() -> None:
    story = replied("2026-03-04 10:00", case=OPEN).at("2026-03-10 10:00")
    story.does(Withdraw)
    story.at("2026-03-11 10:00").does(CaseClosed)
    story.at("2026-04-20 10:00").refuses(Code.WINDOW_ENDED, Escalate)
    story.does(Escalate, received_at="2026-04-03 10:00")


def test_a_window_in_months_may_be_long() -> None:
    story = opened(policy=HOUSING)
    story.does(Reply)
    assert story.window_ends == "2027-03-03 00:00"


def test_a_window_in_seconds_runs_from_the_letters_receipt() -> None:
    story = opened(policy=BY_HAND, complainant=POST)
    story.does(Reply)
    assert story.window_ends == "2026-03-02 10:02:05"
