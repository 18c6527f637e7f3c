"""If you're still unhappy, contact the next tier (R7)."""

import pytest

from complaints.procedure.acts import (
    AcceptLate,
    Acknowledge,
    Act,
    AskManager,
    CloseInError,
    Escalate,
    Extend,
    Reply,
    Resolve,
    Withdraw,
)
from complaints.procedure.enums import Code
from tests.procedure.builders import FOS, HOUSING, LEAD, MONDAY, Story, at, closed_untaken, day, opened, replied


def with_team() -> Story:
    story = replied("2026-03-04 10:00").at("2026-03-10 10:00")
    story.does(Escalate)
    return story


def test_the_complainant_may_go_on_after_a_reply() -> None:
    story = with_team()
    assert story.state.tier_id == "customer_complaints_team"
    assert story.state.status == "awaiting_acknowledgement"
    assert story.letters()[-1] == "escalation_received"


def test_the_complainant_may_go_on_after_the_reply_lapsed() -> None:
    story = opened().at("2026-03-17 00:00")
    story.does(Escalate)
    assert story.state.tier_id == "customer_complaints_team"


def test_the_complainant_may_go_on_if_the_lapse_was_keyed_after_the_escalation_was_received() -> None:
    story = opened("2026-03-20 10:00", received_at=MONDAY).assign("mona")
    story.does(Escalate, received_at="2026-03-18 10:00")
    assert story.deadline("acknowledgement").due_on == day("2026-03-20")


def test_the_complainant_may_not_go_on_before_a_reply_or_a_lapse() -> None:
    story = opened().at("2026-03-16 23:59")
    refusal = story.refuses(Code.TOO_EARLY, Escalate)
    assert refusal.sentence == (
        "It is too early to go to Customer Complaints team: Manager has not yet replied, and its reply is not overdue."
    )
    assert not refusal.is_recorded


def test_the_complainant_may_not_go_on_between_a_withdrawn_lapse_and_the_reply_that_withdrew_it() -> None:
    story = opened().at("2026-03-18 10:00")
    story.does(Reply, sent_at="2026-03-16 10:00")
    story.refuses(Code.TOO_EARLY, Escalate, received_at="2026-03-13 10:00")
    story.does(Escalate, received_at="2026-03-17 10:00")


def test_the_window_ends_and_the_complaint_closes() -> None:
    story = replied("2026-03-04 10:00").at("2026-04-05 00:00")
    assert story.times("window_ended") == story.times("closed") == ["2026-04-05 00:00"]
    assert story.closed == "not_taken_further"


def test_an_escalation_in_the_last_microsecond_is_taken_and_one_at_the_end_is_not() -> None:
    closed_untaken().refuses(Code.WINDOW_ENDED, Escalate, received_at="2026-04-05 00:00")
    closed_untaken().does(Escalate, received_at="2026-04-04 23:59:59.999999")


def test_an_escalation_a_day_too_late_is_refused_with_the_date_recorded_and_answered() -> None:
    story = closed_untaken().at("2026-04-05 10:00")
    refusal = story.refuses(Code.WINDOW_ENDED, Escalate)
    assert "ended on Sat 4 Apr 2026" in refusal.sentence
    assert "accept_late" in refusal.sentence
    assert refusal.is_recorded
    story.sends(Escalate)
    assert story.letters()[-1] == "escalation_out_of_time"
    assert story.closed == "not_taken_further"


def test_an_escalation_received_within_the_window_and_keyed_later_is_taken() -> None:
    story = closed_untaken()
    story.does(Escalate, received_at="2026-04-03 10:00")
    assert story.times("reopened") == ["2026-04-10 10:00"]
    assert story.deadline("acknowledgement").due_on == day("2026-04-08")
    assert story.closed is None


def test_a_signal_sent_within_the_window_is_taken() -> None:
    story = closed_untaken()
    assert story.sends(Escalate, made_at="2026-04-04 23:00").code == "done"


def test_the_receiving_lead_may_take_a_late_escalation_with_a_reason() -> None:
    story = closed_untaken()
    story.does(AcceptLate, LEAD)
    assert story.state.tier_id == "customer_complaints_team"
    assert story.deadline("acknowledgement").due_on == day("2026-04-14")
    assert story.state.holder is None


def test_accept_late_is_refused_if_nothing_is_late() -> None:
    replied("2026-03-04 10:00").refuses(Code.NOTHING_LATE, AcceptLate, LEAD)
    story = opened()
    story.does(Withdraw)
    story.refuses(Code.CLOSED, AcceptLate, LEAD)


def test_a_complainant_who_withdrew_or_resolved_after_a_reply_may_still_go_on_within_the_window() -> None:
    for kind in (Withdraw, Resolve):
        story = replied("2026-03-04 10:00").at("2026-03-10 10:00")
        story.does(kind)
        story.at("2026-04-10 10:00").does(Escalate, received_at="2026-04-03 10:00")


@pytest.mark.parametrize("kind", [Withdraw, Resolve])
def test_the_receiving_lead_may_take_a_late_escalation_after_any_closing(kind: type[Act]) -> None:
    story = replied("2026-03-04 10:00").at("2026-03-10 10:00")
    story.does(kind)
    refusal = story.at("2026-04-10 10:00").refuses(Code.WINDOW_ENDED, Escalate)
    assert "accept_late" in refusal.sentence
    story.does(AcceptLate, LEAD)
    assert story.state.tier_id == "customer_complaints_team"


def test_a_complaint_opened_in_error_is_not_taken_late() -> None:
    story = replied("2026-03-04 10:00")
    story.does(CloseInError, LEAD)
    story.refuses(Code.CLOSED, AcceptLate, LEAD)


def test_an_escalation_received_after_the_lapse_and_before_the_closing_is_taken() -> None:
    story = opened().at("2026-03-18 10:00")
    story.does(Withdraw)
    story.refuses(Code.CLOSED, Escalate)
    story.does(Escalate, received_at="2026-03-17 10:00")


def test_a_complaint_withdrawn_before_any_reply_stays_closed() -> None:
    story = opened()
    story.does(Withdraw)
    assert story.refuses(Code.CLOSED, Escalate).sentence == "The complaint closed on 2 March 2026: withdrawn."


def test_a_complaint_opened_in_error_cannot_be_escalated() -> None:
    story = replied("2026-03-04 10:00")
    story.does(CloseInError, LEAD)
    story.refuses(Code.CLOSED, Escalate)


def test_an_escalation_straight_to_the_assessor_is_too_early_recorded_and_alerts_the_teams_lead() -> None:
    story = replied("2026-03-04 10:00")
    refusal = story.refuses(Code.TOO_EARLY, Escalate, to="independent_assessor")
    assert refusal.is_recorded
    story.sends(Escalate, to="independent_assessor")
    assert story.alerts() == [("too_early", ["lead:customer_complaints_team"])]
    assert "too_early" not in story.letters()
    assert story.state.status == "awaiting_complainant"


def test_the_complainant_gets_a_letter_about_a_request_that_came_from_them_too_early() -> None:
    story = replied("2026-03-04 10:00")
    story.sends(Escalate, to="independent_assessor", from_complainant=True)
    assert story.letters()[-1] == "too_early"


def test_an_escalation_from_the_case_handler_straight_to_the_assessor_is_too_early() -> None:
    story = opened(told_case_handler_on=None)
    assert story.refuses(Code.TOO_EARLY, Escalate, to="independent_assessor").is_recorded
    story.refuses(Code.NOT_NOW, Escalate)
    story.refuses(Code.NOT_NOW, Escalate, to="manager")


def test_a_team_that_never_replies_is_passed_after_a_reasonable_opportunity() -> None:
    story = with_team()
    refusal = story.refuses(Code.TOO_EARLY, Escalate)
    assert refusal.sentence.endswith(
        "Customer Complaints team has not yet replied; without its reply, it is possible from Fri 24 Apr 2026."
    )
    story.at("2026-04-23 23:59").sends(Escalate)
    assert story.alerts()[-1] == ("too_early", ["lead:customer_complaints_team"])
    story.at("2026-04-24 00:00").does(Escalate)
    assert story.state.tier_id == "independent_assessor"
    assert story.deadline("reply", "customer_complaints_team").ended_at


def test_an_extension_moves_the_reasonable_opportunity() -> None:
    story = with_team().at("2026-03-20 10:00")
    story.does(Extend, to="2026-03-25")
    story.at("2026-04-24 10:00").refuses(Code.TOO_EARLY, Escalate)
    story.at("2026-04-25 10:00").does(Escalate)


def test_an_extension_after_the_request_moves_no_reasonable_opportunity() -> None:
    story = with_team().at("2026-04-28 10:00")
    story.does(Extend, to="2026-05-05")
    story.refuses(Code.TOO_EARLY, Escalate, received_at="2026-04-23 10:00")
    story.does(Escalate, received_at="2026-04-27 10:00")


def test_a_policy_without_a_reasonable_opportunity_waits_for_the_reply() -> None:
    *tiers, assessor = FOS.tiers
    assert assessor.review
    review = assessor.review.model_copy(update={"reasonable_opportunity": None})
    policy = FOS.model_copy(update={"tiers": (*tiers, assessor.model_copy(update={"review": review}))})
    story = opened(policy=policy)
    story.does(Reply)
    story.does(Escalate)
    refusal = story.at("2027-03-02 10:00").refuses(Code.TOO_EARLY, Escalate)
    assert refusal.sentence.endswith("has not yet replied.")


def test_an_escalation_to_the_current_tier_is_refused_with_its_start() -> None:
    story = with_team()
    refusal = story.refuses(Code.ALREADY_ESCALATED, Escalate, to="customer_complaints_team")
    assert refusal.sentence == "The complaint has been with Customer Complaints team since Tue 10 Mar 2026."
    story.refuses(Code.ALREADY_ESCALATED, Escalate, to="manager")


def test_an_escalation_keyed_after_the_automatic_escalation_has_already_happened() -> None:
    story = opened().at("2026-03-25 10:00")
    assert story.state.tier_id == "customer_complaints_team"
    story.refuses(Code.ALREADY_ESCALATED, Escalate, received_at="2026-03-19 10:00")


def test_an_escalation_to_an_unknown_tier_is_refused() -> None:
    refusal = replied("2026-03-04 10:00").refuses(Code.NO_SUCH_TIER, Escalate, to="ombudsman")
    assert "manager, customer_complaints_team, independent_assessor" in refusal.sentence


def test_the_last_reply_closes_the_complaint_and_names_the_outside_body() -> None:
    story = opened(policy=HOUSING)
    story.does(Reply)
    story.does(Escalate)
    story.does(Reply)
    assert story.closed == "final_reply"
    refusal = story.refuses(Code.NO_FURTHER_TIER, Escalate)
    assert refusal.sentence.endswith("You can ask the Housing Ombudsman Service to look at your complaint.")


def test_an_escalation_needs_no_reason() -> None:
    story = replied("2026-03-04 10:00")
    story.does(Escalate, reason="Nobody has read my letters.")
    assert story.events("escalate")[0].free_text == {"reason": "Nobody has read my letters."}


def test_an_escalation_ends_an_extension_too() -> None:
    story = opened().at("2026-03-17 10:00")
    story.does(Extend, to="2026-03-20")
    story.does(Acknowledge)
    story.does(Escalate)
    assert story.deadline("reply", "manager").ended_at == at("2026-03-17 10:00")
    story.refuses(Code.ALREADY_DONE, AskManager)
