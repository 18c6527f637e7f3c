"""A lead reopens what was closed by mistake (R13)."""

from collections.abc import Callable
from typing import Any

import pytest

from complaints.procedure.acts import (
    AcceptLate,
    AcceptReview,
    Acknowledge,
    Act,
    AskManager,
    CaseReopened,
    Classify,
    CloseInError,
    DeclineReview,
    Escalate,
    Extend,
    GiveOpinion,
    Reopen,
    Reply,
    Resolve,
    Settle,
    Withdraw,
)
from complaints.procedure.enums import Code
from tests.procedure.builders import (
    HOUSING,
    LEAD,
    MANAGER,
    OPEN,
    Story,
    announce,
    at,
    closed_untaken,
    day,
    local,
    opened,
    replied,
)


def requested(**given: Any) -> Story:
    story = opened(**given)
    for _ in range(2):
        story.does(Reply)
        story.does(Escalate)
    return story


def accepted() -> Story:
    story = requested()
    story.does(AcceptReview)
    return story


def waiting() -> Story:
    return requested(case=OPEN)


def with_case_handler() -> Story:
    return opened(told_case_handler_on=None)


STORIES: tuple[Callable[[], Story], ...] = (opened, replied, with_case_handler, requested, waiting, accepted)


@pytest.mark.parametrize("begin", STORIES)
@pytest.mark.parametrize("kind", [Withdraw, Resolve, CloseInError])
def test_a_reopened_complaint_goes_on_as_it_was(begin: Callable[[], Story], kind: type[Act]) -> None:
    story = begin().at("2026-03-05 12:00")
    before = story.state.model_copy(deep=True)
    following = story.next_due
    story.does(kind, LEAD)
    story.does(Reopen, LEAD)
    after = story.state
    assert (after.status, after.tier_id, after.holder) == (before.status, before.tier_id, before.holder)
    assert [(d.due_on, d.first_on, d.met_at, d.ended_at) for d in after.deadlines] == [
        (d.due_on, d.first_on, d.met_at, d.ended_at) for d in before.deadlines
    ]
    assert after.window == before.window
    assert story.next_due == following
    assert story.letters()[-1] == "reopened"
    assert [event.kind for event in story.state.events if event.kind in ("closed", "reopened")] == [
        "closed",
        "reopened",
    ]
    assert len(after.closings) == 1


def test_an_extension_is_kept() -> None:
    story = opened()
    story.does(Extend, to="2026-03-20")
    story.does(Withdraw)
    story.at("2026-03-17 10:00").does(Reopen, LEAD)
    assert (story.deadline("reply").due_on, story.times("lapsed")[1:]) == (day("2026-03-20"), [])


def test_a_deadline_that_passed_while_the_complaint_was_closed_lapses_when_it_is_reopened() -> None:
    story = opened()
    story.does(Acknowledge)
    story.does(Withdraw)
    story.at("2026-03-18 10:00").does(Reopen, LEAD)
    assert story.times("lapsed") == ["2026-03-18 10:00"]
    assert story.at("2026-03-19 09:00").letters()[-2:] == ["reopened", "reply_late"]


def test_the_days_before_an_automatic_escalation_count_from_the_reopening() -> None:
    story = opened().at("2026-03-19 10:00")
    story.does(Withdraw)
    story.at("2026-03-20 10:00").does(Reopen, LEAD)
    assert story.at("2026-03-27 23:59").state.tier_id == "manager"
    assert story.at("2026-03-28 00:00").state.tier_id == "customer_complaints_team"
    assert len(story.events("lapsed", deadline=2)) == 1


def test_a_window_that_ended_meanwhile_closes_the_complaint_again() -> None:
    story = replied("2026-03-04 10:00")
    story.does(Withdraw)
    story.at("2026-04-10 10:00").does(Reopen, LEAD)
    assert story.closed == "not_taken_further"
    assert [closing.reason for closing in story.state.closings] == ["withdrawn", "not_taken_further"]


def test_a_window_that_ended_is_not_reopened_but_its_lead_may_take_the_complaint() -> None:
    story = closed_untaken()
    assert "accept_late" in story.refuses(Code.WINDOW_ENDED, Reopen, LEAD).sentence
    story.does(AcceptLate, LEAD)


def test_a_complaint_whose_window_revived_is_reopened() -> None:
    story = closed_untaken()
    story.does(CaseReopened)
    story.does(Reopen, LEAD)
    assert story.state.status == "awaiting_complainant"
    story.does(Escalate)


def test_a_settled_complaint_whose_window_revived_is_reopened() -> None:
    story = with_case_handler()
    story.does(Settle)
    story.at("2026-04-10 10:00").does(CaseReopened)
    story.does(Reopen, LEAD)
    story.does(AskManager)


def test_a_declined_review_is_reopened_and_may_be_accepted() -> None:
    story = requested()
    story.does(DeclineReview)
    story.at("2026-03-20 10:00").does(Reopen, LEAD)
    story.does(AcceptReview)
    assert story.deadline("opinion").is_running


def test_a_review_whose_case_opened_meanwhile_waits_after_a_reopening() -> None:
    story = requested()
    story.does(DeclineReview)
    story.does(CaseReopened)
    story.does(Reopen, LEAD)
    assert story.state.status == "awaiting_case_closing"


def test_the_last_tier_may_reply_again_after_a_reopening() -> None:
    story = opened(policy=HOUSING)
    story.does(Reply)
    story.does(Escalate)
    story.does(Reply)
    assert story.closed == "final_reply"
    story.at("2026-03-04 10:00").does(Reopen, LEAD)
    assert story.deadline("reply").is_running
    story.does(Reply, outcome="not_upheld")
    assert story.closed == "final_reply"
    assert len(story.events("reply")) == 3


def test_a_complaint_with_an_opinion_is_not_reopened() -> None:
    story = accepted()
    story.does(GiveOpinion)
    story.refuses(Code.OPINION_STANDS, Reopen, LEAD)


def test_an_opinion_whose_recommendations_are_open_is_not_reopened_after_a_closing_in_error() -> None:
    story = accepted()
    story.does(GiveOpinion, satisfactory=False, recommendations=[{"kind": "apology"}])
    story.does(CloseInError, LEAD)
    story.refuses(Code.OPINION_STANDS, Reopen, LEAD)


def test_what_another_act_takes_up_is_not_reopened_and_that_act_is_named() -> None:
    story = opened(aspects=["outcome"])
    assert "(classify)" in story.refuses(Code.NOT_NOW, Reopen, LEAD).sentence
    story.does(Classify, LEAD, concern=1, aspect="delay")
    story = opened(case={"answered_on": "2025-11-01"})
    assert "(accept_late)" in story.refuses(Code.NOT_NOW, Reopen, LEAD).sentence
    story.does(AcceptLate, LEAD)


def test_an_open_complaint_is_not_reopened() -> None:
    opened().refuses(Code.NOT_NOW, Reopen, LEAD)


@pytest.mark.parametrize(("by", "taken"), [(MANAGER, True), ("lead.manager", True), ("lead.team", False)])
def test_only_a_lead_of_the_tier_at_which_it_closed_reopens_a_complaint(by: str, *, taken: bool) -> None:
    story = opened()
    story.does(Withdraw)
    if taken:
        story.does(Reopen, by)
    else:
        story.refuses(Code.WRONG_ROLE, Reopen, by)


def test_the_reason_for_reopening_is_kept_apart() -> None:
    story = opened()
    story.does(Withdraw)
    story.does(Reopen, LEAD)
    assert story.events("reopen")[0].free_text == {"reason": "They had withdrawn another complaint."}
    assert story.complaint.retires_at() is None


def test_a_reopened_deadline_explains_itself_after_a_late_holiday() -> None:
    story = opened()
    story.does(Withdraw)
    announce(story, "2026-03-10")
    story.does(Reopen, LEAD)
    assert story.deadline("reply").due_on == day("2026-03-16")
    announce(story, "2026-03-11")
    assert story.deadline("reply").due_on == day("2026-03-18")
    assert {d.skipped for d in story.deadline("reply").ledger(story.state.calendar)} >= {"State funeral"}


def test_a_reopened_complaint_closes_again_at_its_own_time() -> None:
    story = replied("2026-03-04 10:00")
    story.does(Withdraw)
    story.at("2026-03-10 10:00").does(Reopen, LEAD)
    story.at("2026-04-05 10:00")
    assert [local(closing.at) for closing in story.state.closings] == ["2026-03-04 10:00", "2026-04-05 00:00"]
    assert story.complaint.retires_at() == at("2026-10-06 00:00")
