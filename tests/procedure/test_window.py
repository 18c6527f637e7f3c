"""The window to the next tier, and the case that moves it (R7)."""

import pytest

from complaints.procedure.acts import (
    AskManager,
    CaseClosed,
    CaseReopened,
    Escalate,
    LetterHeld,
    LetterSent,
    Reply,
    Settle,
    Withdraw,
)
from complaints.procedure.enums import Code
from tests.procedure.builders import BY_HAND, HANDLER, HOUSING, OPEN, POST, at, closed_untaken, day, opened, replied


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


def test_a_window_that_has_ended_revives_while_the_case_is_open_again() -> None:
    story = closed_untaken().at("2026-04-20 10:00")
    story.does(CaseReopened)
    assert (story.closed, story.window_ends) == ("not_taken_further", None)
    story.at("2026-08-20 10:00").does(Escalate)
    assert story.state.tier_id == "customer_complaints_team"
    assert len(story.events("reopened")) == 1


def test_a_revived_window_ends_when_the_product_learns_that_the_case_closed() -> None:
    story = closed_untaken().at("2026-04-20 10:00")
    story.does(CaseReopened)
    story.at("2026-05-06 10:00").does(CaseClosed, on="2026-05-01 10:00")
    assert story.window_ends == "2026-05-06 10:00"
    story.refuses(Code.WINDOW_ENDED, Escalate)
    story.does(Escalate, received_at="2026-05-05 10:00")


def test_a_window_revives_after_a_settlement() -> None:
    story = opened(told_case_handler_on=None)
    story.does(Settle)
    story.at("2026-04-10 10:00").refuses(Code.WINDOW_ENDED, AskManager)
    assert story.closed == "settled"
    story.does(CaseReopened)
    story.does(AskManager)
    assert story.state.tier_id == "manager"


@pytest.mark.parametrize(("informed_on", "tier"), [("2026-02-25", "manager"), (None, "case_handler")])
def test_a_complaint_out_of_time_goes_on_while_its_case_is_open_again(informed_on: str | None, tier: str) -> None:
    story = opened(told_case_handler_on=informed_on, case={"answered_on": "2025-11-01"})
    story.refuses(Code.CLOSED, Escalate)
    story.at("2026-03-10 10:00").does(CaseReopened)
    story.refuses(Code.TOO_EARLY, Escalate, to="independent_assessor")
    story.at("2026-03-11 10:00").does(Escalate)
    assert story.state.tier_id == tier
    story.assign("mona" if informed_on else HANDLER)
    assert story.letters()[-1] == ("taken_up_again" if informed_on else "passed_to_case_handler")


def test_a_manager_may_be_asked_about_a_complaint_out_of_time_while_its_case_is_open_again() -> None:
    story = opened(told_case_handler_on=None, case={"answered_on": "2025-11-01"})
    story.at("2026-03-10 10:00").does(CaseReopened)
    story.at("2026-03-20 10:00").does(CaseClosed)
    refusal = story.at("2026-03-21 10:00").refuses(Code.WINDOW_ENDED, AskManager)
    assert "ended on Fri 20 Mar 2026" in refusal.sentence
    story.does(AskManager, received_at="2026-03-12 10:00")
    assert story.deadline("reply").due_on == day("2026-03-26")


def test_a_letter_found_unsent_revives_its_window() -> None:
    story = replied("2026-03-04 10:00")
    letter = story.events("letter")[-1].sequence
    story.at("2026-04-20 10:00").does(LetterHeld, letter=letter)
    assert (story.closed, story.window_ends) == ("not_taken_further", None)
    story.at("2026-04-22 10:00").does(LetterSent, letter=letter, channel="post")
    assert story.window_ends == "2026-05-25 00:00"
    story.at("2026-05-24 10:00").does(Escalate)


def test_a_letter_found_to_have_gone_late_revives_its_window() -> None:
    story = replied("2026-03-04 10:00")
    letter = story.events("letter")[-1].sequence
    story.at("2026-04-20 10:00").does(LetterSent, letter=letter, sent_at="2026-04-01 10:00")
    assert story.window_ends == "2026-05-02 00:00"
    story.does(Escalate)


def test_a_closed_complaint_stays_until_a_revived_window_has_ended() -> None:
    story = replied("2026-03-04 10:00")
    letter = story.events("letter")[-1].sequence
    story.at("2026-09-20 10:00").does(LetterSent, letter=letter, sent_at="2026-09-18 10:00")
    assert story.complaint.retires_at() == at("2026-10-19 00:00")


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
