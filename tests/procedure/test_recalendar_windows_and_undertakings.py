"""A holiday announced late also moves windows, undertakings and notices (R14)."""

from datetime import timedelta

import pytest

from complaints.procedure.acts import (
    AcceptReview,
    AnswerRecommendation,
    AskManager,
    CaseReopened,
    Escalate,
    GiveOpinion,
    Reply,
    Withdraw,
)
from tests.procedure.builders import (
    ACTION,
    OPEN,
    POST,
    announce,
    day,
    opened,
    replied,
)

FUNERAL = "2026-03-12"
"""A Thursday on the way to most replies, which are due on Monday 16 March."""


def test_a_window_moves_with_the_receipt_of_a_letter_by_post_and_only_later() -> None:
    story = replied("2026-03-04 10:00", complainant=POST)
    assert story.window_ends == "2026-04-07 00:00"
    announce(story, "2026-03-05")
    assert story.window_ends == "2026-04-10 00:00"
    announce(story, strike=("2026-03-05",))
    assert story.window_ends == "2026-04-10 00:00"


def test_a_window_that_has_ended_takes_an_escalation_received_by_its_later_end() -> None:
    story = replied("2026-03-04 10:00", complainant=POST).at("2026-04-09 10:00")
    assert story.closed == "not_taken_further"
    announce(story, "2026-03-05")
    assert story.closed == "not_taken_further"
    story.does(Escalate)
    assert story.state.tier_id == "customer_complaints_team"


def test_an_undertaking_counted_by_the_policy_moves_and_one_with_a_date_of_its_own_does_not() -> None:
    story = opened().at("2026-03-04 10:00")
    story.does(Reply, remedies=[ACTION])
    announce(story, FUNERAL)
    assert story.state.undertakings[0].by == day("2026-04-02")
    assert story.events("undertaking_moved")[0].detail["from"] == "2026-04-01"
    named = opened().at("2026-03-04 10:00")
    named.does(Reply, remedies=[ACTION], carry_out_by="2026-03-20")
    announce(named, FUNERAL, "2026-03-20")
    assert named.state.undertakings[0].by == day("2026-03-20")


def test_recalendar_withdraws_an_undertakings_lapse_also_after_closing() -> None:
    story = opened().at("2026-03-04 10:00")
    story.does(Reply, remedies=[ACTION])
    story.does(Withdraw)
    announce(story.at("2026-04-02 10:00"), FUNERAL)
    assert not story.state.is_overdue
    assert story.alerts()[-1] == ("not_late_after_all", ["staff:mark", "lead:manager"])
    story.at("2026-04-06 10:00")
    assert story.times("lapsed", undertaking=1) == ["2026-04-02 00:00", "2026-04-03 00:00"]


def test_recalendar_recounts_the_case_handlers_ten_days() -> None:
    story = announce(opened(told_case_handler_on=None), FUNERAL).at("2026-03-18 10:00")
    assert [(alert, when) for (alert, _), when in zip(story.alerts(), story.alert_times(), strict=True)] == [
        ("case_handler_silent", "2026-03-18 00:00")
    ]


def test_recalendar_moves_the_answer_to_a_recommendation() -> None:
    story = replied("2026-03-04 10:00")
    story.does(Escalate)
    story.does(Reply)
    story.does(Escalate)
    story.does(AcceptReview)
    story.does(GiveOpinion, satisfactory=False, recommendations=[ACTION])
    assert story.deadline("recommendation_answer", recommendation=1).due_on == day("2026-03-18")
    announce(story, FUNERAL)
    assert story.deadline("recommendation_answer", recommendation=1).due_on == day("2026-03-19")
    story.does(AnswerRecommendation, by="lee", recommendation=1, accepted=True)


@pytest.mark.parametrize("waits", [timedelta(0), timedelta(days=3)])
def test_a_review_that_waits_for_its_case_is_reminded_as_before(waits: timedelta) -> None:
    story = replied("2026-03-04 10:00", case=OPEN)
    story.does(Escalate)
    story.does(Reply)
    story.does(Escalate)
    due = story.next_due
    story.now += waits
    announce(story, FUNERAL)
    assert story.next_due == due


def test_a_complaint_asked_of_a_manager_starts_under_the_new_calendar() -> None:
    story = announce(opened(told_case_handler_on=None), FUNERAL)
    story.does(AskManager)
    assert story.deadline("reply").due_on == day("2026-03-17")


def test_the_window_of_a_complaint_out_of_time_stays_as_it_is() -> None:
    story = opened(case={"answered_on": "2025-11-01"}).at("2026-03-10 10:00")
    story.does(CaseReopened)
    announce(story, "2026-03-12")
    assert story.window_ends is None
