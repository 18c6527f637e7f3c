"""First tell the person who has been dealing with your case (R10)."""

from typing import Any

import pytest

from complaints.procedure.acts import (
    AcceptLate,
    Acknowledge,
    Act,
    AskManager,
    CaseClosed,
    CloseInError,
    Escalate,
    Reassign,
    Reply,
    Resolve,
    Settle,
    Withdraw,
)
from complaints.procedure.complaint import Complaint
from complaints.procedure.enums import Code
from complaints.procedure.state import Start
from tests.procedure.builders import HANDLER, HOUSING, LEAD, MONDAY, OPEN, Story, at, day, opened


def untold(when: str = MONDAY, **given: Any) -> Story:
    return opened(when, told_case_handler_on=None, **given)


def started_untold() -> Start:
    start = untold().start
    assert start
    return start


def settled(**given: Any) -> Story:
    story = untold(**given).at("2026-03-04 10:00")
    story.does(Settle)
    return story


def test_a_concern_that_the_case_handler_knows_starts_at_the_first_tier() -> None:
    assert opened().state.tier_id == "manager"


def test_a_concern_that_the_case_handler_does_not_know_starts_there_without_published_deadlines() -> None:
    story = untold()
    assert (story.state.status, story.state.tier_id) == ("with_case_handler", "case_handler")
    assert story.state.holder == HANDLER
    assert story.state.deadlines == []
    assert story.letters() == ["passed_to_case_handler"]


def test_the_first_tiers_lead_is_alerted_every_ten_working_days_until_the_complaint_is_passed_on() -> None:
    story = untold().at("2026-04-20 10:00")
    assert story.alert_times() == ["2026-03-17 00:00", "2026-03-31 00:00", "2026-04-16 00:00"]
    assert story.alerts() == [("case_handler_silent", ["lead:manager"])] * 3
    story.does(AskManager)
    story.assign("mona").does(Acknowledge, "mona")
    assert len(story.at("2026-05-01 00:00").alerts()) == 3


def test_a_concern_keyed_late_alerts_the_lead_once_for_the_days_that_have_passed() -> None:
    story = untold("2026-04-20 10:00", received_at=MONDAY)
    assert story.alert_times() == ["2026-04-20 10:00"]
    assert story.at("2026-04-30 00:00").alert_times() == ["2026-04-20 10:00", "2026-04-30 00:00"]


def test_a_form_without_a_case_handler_alerts_the_lead_at_once() -> None:
    story = untold(case={"handler": None})
    assert story.alerts_to_act() == [("no_case_handler", ["lead:manager"])]
    assert [event.detail["is_known"] for event in story.events("letter")] == [False]
    story.does(Reassign, LEAD, to=HANDLER)
    assert story.alerts_to_act()[1:] == [("given", [f"staff:{HANDLER}"])]


def test_a_case_handler_unknown_to_the_directory_does_not_hold_the_complaint() -> None:
    story = Story(Complaint.open(started_untold(), at(MONDAY)), at(MONDAY))
    assert (story.letters(), story.state.holder) == ([], None)
    story.assign(None)
    assert story.state.holder is None
    assert story.alerts_to_act() == [("no_case_handler", ["lead:manager"])]
    assert [event.detail["is_known"] for event in story.events("letter")] == [False]
    assert HANDLER not in str(story.events("alerted"))


def test_a_known_case_handler_is_alerted_once_that_the_complaint_is_theirs() -> None:
    story = untold()
    assert story.alerts_to_act() == [("given", [f"staff:{HANDLER}"])]
    assert [event.detail["is_known"] for event in story.events("letter")] == [True]
    assert len(story.at("2026-04-20 10:00").alerts_to_act()) == 1


def test_the_first_letter_is_owed_even_if_a_lead_acts_before_the_directory_answers() -> None:
    story = Story(Complaint.open(started_untold(), at(MONDAY)), at(MONDAY))
    story.does(Reassign, LEAD, to="harry")
    assert story.letters() == ["passed_to_case_handler"]
    assert story.complaint.directory_query((), story.now) is None


def test_ask_manager_passes_the_complaint_to_the_first_tier() -> None:
    story = untold().at("2026-03-05 10:00")
    story.does(AskManager)
    assert (story.state.tier_id, story.state.holder) == ("manager", None)
    assert story.deadline("reply").due_on == day("2026-03-19")
    assert story.at("2026-03-10 10:00").alerts() == [("acknowledgement_lapsed", ["lead:manager"])]


def test_a_request_for_a_manager_is_refused_when_one_has_the_complaint() -> None:
    refusal = opened().refuses(Code.ALREADY_DONE, AskManager)
    assert refusal.sentence == "The complaint has passed to Manager already."
    opened(policy=HOUSING).refuses(Code.ALREADY_DONE, AskManager)


def test_a_manager_is_not_asked_for_before_the_receipt_or_in_the_future() -> None:
    untold().refuses(Code.BEFORE_CLOCK, AskManager, received_at="2026-03-02 09:00")
    untold().refuses(Code.IN_FUTURE, AskManager, received_at="2026-03-03 09:00")


def test_a_settled_complaint_awaits_the_complainant_for_a_month() -> None:
    story = settled()
    assert story.state.status == "awaiting_complainant"
    assert story.window_ends == "2026-04-05 00:00"
    story.at("2026-04-05 00:00")
    assert story.closed == "settled"
    assert story.alerts() == []


def test_a_settled_complaint_awaits_the_complainant_while_the_case_is_open() -> None:
    story = settled(case=OPEN).at("2026-06-04 10:00")
    assert story.window_ends is None
    story.does(CaseClosed)
    assert story.closed == "settled"


def test_a_manager_may_be_asked_for_after_the_settlement() -> None:
    story = settled().at("2026-04-04 10:00")
    story.does(AskManager)
    assert story.state.status == "awaiting_acknowledgement"


def test_a_request_received_in_time_and_keyed_after_the_closing_is_accepted() -> None:
    story = settled().at("2026-04-06 10:00")
    story.does(AskManager, received_at="2026-04-04 10:00")
    assert story.times("reopened") == ["2026-04-06 10:00"]
    assert story.deadline("acknowledgement").due_on == day("2026-04-08")


def test_a_later_request_for_a_manager_is_refused_unless_the_managers_lead_accepts_it() -> None:
    story = settled().at("2026-04-06 10:00")
    story.refuses(Code.WINDOW_ENDED, AskManager)
    story.does(AcceptLate, LEAD)
    assert story.state.tier_id == "manager"


def test_only_a_complaint_with_the_case_handler_can_be_settled() -> None:
    opened().refuses(Code.NOT_NOW, Settle)
    settled().refuses(Code.NOT_NOW, Settle)


def test_a_complaint_with_the_case_handler_may_be_withdrawn_or_resolved() -> None:
    for kind in (Withdraw, Resolve):
        story = untold()
        story.does(kind)
        story.at("2026-06-01 10:00").refuses(Code.CLOSED, AskManager)
        assert story.alerts() == []


def test_a_policy_may_have_no_case_handlers_step() -> None:
    story = untold(policy=HOUSING)
    assert story.state.tier_id == "stage_1"
    story.does(Reply)
    story.refuses(Code.NOT_NOW, Settle)


@pytest.mark.parametrize("kind", [Resolve, Withdraw])
def test_a_manager_may_be_asked_within_the_window_of_a_settlement_after_the_complaint_closed(kind: type[Act]) -> None:
    story = opened(told_case_handler_on=None)
    story.does(Settle)
    story.does(kind)
    story.at("2026-04-02 10:00").does(AskManager)
    assert story.state.tier_id == "manager"


def test_a_manager_who_was_asked_before_the_complaint_closed_is_asked() -> None:
    story = opened(told_case_handler_on=None).at("2026-03-04 10:00")
    story.does(Resolve)
    story.refuses(Code.CLOSED, AskManager)
    story.does(AskManager, received_at="2026-03-03 10:00")


def test_an_escalation_at_the_case_handlers_step_names_ask_manager_only_where_that_is_possible() -> None:
    story = opened(told_case_handler_on=None)
    story.does(Settle)
    assert "ask_manager" in story.refuses(Code.NOT_NOW, Escalate).sentence
    story.at("2026-04-03 10:00").refuses(Code.WINDOW_ENDED, Escalate)
    story.does(AcceptLate, LEAD)
    story.does(CloseInError, LEAD)
    story.refuses(Code.CLOSED, Escalate)
