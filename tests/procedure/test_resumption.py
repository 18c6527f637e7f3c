"""R9: a tier takes a complaint up again as it left it; time has run on."""

from collections.abc import Callable
from typing import Any

import pytest

from complaints.procedure.acts import AcceptReview, Acknowledge, CaseClosed, Classify, Escalate, Extend, Reply
from tests.procedure.builders import LEAD, Story, announce, day, local, opened

OUT: dict[str, Any] = {"concern": 1, "aspect": "outcome"}
BACK: dict[str, Any] = {"concern": 1, "aspect": "delay"}


def acknowledged() -> Story:
    story = opened()
    story.does(Acknowledge)
    return story


def extended() -> Story:
    story = acknowledged()
    story.does(Extend, to="2026-03-20")
    return story


def reviewed(*, case_open: bool = False) -> Story:
    story = opened(case={"open": case_open, "answered_on": None}).at("2026-03-05 10:00")
    story.does(Reply)
    story.at("2026-03-06 10:00").does(Escalate)
    story.at("2026-03-09 10:00").does(Reply)
    story.at("2026-03-10 10:00").does(Escalate)
    return story


def accepted() -> Story:
    story = reviewed()
    story.at("2026-03-11 10:00").does(AcceptReview)
    return story


STORIES: list[Callable[[], Story]] = [
    opened,
    acknowledged,
    extended,
    lambda: acknowledged().at("2026-03-17 10:00"),
    lambda: acknowledged().at("2026-03-23 09:00"),
    lambda: extended().at("2026-03-24 10:00"),
    lambda: opened(told_case_handler_on=None),
    lambda: opened(told_case_handler_on=None).at("2026-04-01 10:00"),
    reviewed,
    lambda: reviewed(case_open=True),
    accepted,
    lambda: accepted().at("2026-06-01 10:00"),
]


def moved_out(story: Story) -> Story:
    story.does(Classify, LEAD, **OUT)
    assert story.closed == "signposted"
    return story


@pytest.mark.parametrize("make", STORIES)
def test_a_concern_moved_out_and_back_in_at_once_leaves_everything_as_it_was(make: Callable[[], Story]) -> None:
    story = make()
    history = {"events", "sequence", "answers", "closings"}
    before, due = story.state.model_dump(exclude=history), story.next_due
    alerts = len(story.alerts())
    moved_out(story).does(Classify, LEAD, **BACK)
    after = story.state.model_dump(exclude=history)
    after["tier_periods"][-1]["resumed_at"] = None
    before["tier_periods"][-1]["involved"] = after["tier_periods"][-1]["involved"]
    before["tier_periods"][-1]["holder"] = after["tier_periods"][-1]["holder"]
    before["tier_periods"][-1]["alert_owed"] = after["tier_periods"][-1]["alert_owed"]
    assert after == before
    assert story.next_due == due
    new = [alert for alert in story.alerts()[alerts:] if alert[0] != "acted_for_holder"]
    assert new == [("signposted_for_reading", ["lead:manager"])]


def test_an_extension_stays() -> None:
    story = moved_out(extended()).at("2026-03-12 10:00")
    story.does(Classify, LEAD, **BACK)
    reply = story.deadline("reply")
    assert (reply.due_on, reply.first_on, len(reply.extensions)) == (day("2026-03-20"), day("2026-03-16"), 1)


def test_a_lapse_is_alerted_once_and_the_automatic_escalation_stays() -> None:
    story = moved_out(acknowledged().at("2026-03-17 10:00"))
    story.at("2026-03-18 10:00").does(Classify, LEAD, **BACK)
    story.at("2026-03-24 10:00")
    assert story.times("alerted", occasion="reply_lapsed") == ["2026-03-17 00:00"]
    assert story.times("escalated_on_lapse") == ["2026-03-24 00:00"]


def test_a_deadline_that_has_passed_meanwhile_lapses_when_the_tier_takes_it_up_again() -> None:
    story = moved_out(acknowledged())
    story.at("2026-03-30 10:00").does(Classify, LEAD, **BACK)
    assert story.times("lapsed") == ["2026-03-30 10:00"]
    assert story.times("reminded") == story.times("chased") == []


def test_an_automatic_escalation_that_has_passed_meanwhile_leaves_the_manager_its_days() -> None:
    story = moved_out(acknowledged().at("2026-03-17 10:00"))
    story.at("2026-03-30 10:00").does(Classify, LEAD, **BACK)
    story.at("2026-05-01 10:00")
    assert story.times("escalated_on_lapse") == ["2026-04-09 00:00"]


def test_a_chaser_that_came_before_is_not_repeated() -> None:
    story = opened().at("2026-03-05 10:00")
    story.does(Reply)
    story.at("2026-03-06 10:00").does(Escalate)
    story.at("2026-04-20 09:00")
    chased = story.times("chased")
    moved_out(story).does(Classify, LEAD, **BACK)
    story.at("2026-04-20 12:00")
    assert story.times("chased") == chased


def test_a_review_that_waited_begins_if_the_case_has_closed_meanwhile() -> None:
    story = moved_out(reviewed(case_open=True))
    story.at("2026-03-20 10:00").does(CaseClosed)
    story.does(Classify, LEAD, **BACK)
    assert story.state.status == "awaiting_admission"
    assert story.deadline("opinion").day_0 == day("2026-03-20")


def test_a_holiday_announced_while_it_was_closed_moves_its_deadlines() -> None:
    story = moved_out(acknowledged())
    announce(story, "2026-03-10")
    story.does(Classify, LEAD, **BACK)
    assert story.deadline("reply").due_on == day("2026-03-17")
    assert local(story.deadline("reply").at) == "2026-03-18 00:00"
