"""Complaints that come to the letters of a review."""

from typing import Any

from complaints.procedure.acts import (
    AcceptLate,
    AcceptReview,
    AnswerRecommendation,
    CarryOut,
    CaseClosed,
    CaseReopened,
    DeclineReview,
    Escalate,
    GiveOpinion,
    Reply,
)
from tests.letters.stories import GOOD, WORDS, answered, answered_by_team, withdrawn
from tests.procedure.builders import APOLOGY, COMPENSATION, LEAD, OPEN, Story, opened


def asked_for_review(**given: Any) -> Story:
    story = answered_by_team(**given).at("2026-03-11 10:00")
    story.does(Escalate)
    return story


def reviewed(*recommendations: object, satisfactory: bool = False) -> Story:
    story = asked_for_review().at("2026-03-12 10:00")
    story.does(AcceptReview)
    words = GOOD if satisfactory else WORDS
    found: dict[str, Any] = {"satisfactory": satisfactory, "explanation": words, "recommendations": recommendations}
    story.at("2026-03-20 10:00").does(GiveOpinion, **found)
    return story


def recommendation_answered(number: int, *recommendations: object, **answer: Any) -> Story:
    story = reviewed(*recommendations).at("2026-03-23 10:00")
    for earlier in range(1, number):
        story.does(AnswerRecommendation, LEAD, recommendation=earlier, accepted=True)
    story.does(AnswerRecommendation, LEAD, recommendation=number, **answer)
    return story


def review_taken_late_while_the_case_is_open() -> Story:
    story = answered_by_team().at("2026-04-13 10:00")
    story.does(CaseReopened)
    story.does(AcceptLate, LEAD)
    return story


def asked_for_review_too_early(when: str = "2026-03-03 10:00", **given: Any) -> Story:
    story = opened(**given).at(when)
    story.sends(Escalate, to="independent_assessor")
    return story


def asked_for_review_after_the_managers_reply() -> Story:
    story = answered().at("2026-03-06 10:00")
    story.sends(Escalate, to="independent_assessor")
    return story


def asked_for_review_after_closing() -> Story:
    story = withdrawn()
    story.sends(Escalate, to="independent_assessor")
    return story


def case_opened_again_before_the_review() -> Story:
    story = asked_for_review().at("2026-03-12 10:00")
    story.does(CaseReopened)
    return story


def declined_with_a_promise_open() -> Story:
    story = answered_by_team({"remedies": [COMPENSATION]}).at("2026-03-11 10:00")
    story.does(Escalate)
    story.at("2026-03-12 10:00").does(DeclineReview, ground="enquiry_only", explanation=GOOD)
    return story


def satisfied_with_a_promise_open() -> Story:
    story = answered_by_team({"remedies": [COMPENSATION]}).at("2026-03-11 10:00")
    story.does(Escalate)
    story.does(AcceptReview)
    story.does(GiveOpinion, satisfactory=True, explanation=GOOD)
    return story


def declined_once_the_other_was_carried_out() -> Story:
    story = reviewed(COMPENSATION, APOLOGY).at("2026-03-23 10:00")
    story.does(AnswerRecommendation, LEAD, recommendation=1, accepted=True)
    story.does(CarryOut, LEAD, undertaking=1)
    story.does(AnswerRecommendation, LEAD, recommendation=2, accepted=False, reason=GOOD)
    return story


def review_declined(ground: str) -> Story:
    story = asked_for_review().at("2026-03-12 10:00")
    story.does(DeclineReview, ground=ground, explanation=WORDS)
    return story


def review_accepted_exceptionally() -> Story:
    story = asked_for_review(case=OPEN).at("2026-03-12 10:00")
    story.does(AcceptReview, exceptionally="She is very ill.")
    return story


def closed_as_reviewed() -> Story:
    story = recommendation_answered(1, COMPENSATION, accepted=True).at("2026-03-27 10:00")
    story.does(CarryOut, LEAD, undertaking=1)
    return story


def closed_case_before_the_reply() -> Story:
    """The review's month then counts from the later of the closing and the receipt of the reply."""
    story = answered(case=OPEN).at("2026-03-06 10:00")
    story.does(Escalate)
    story.at("2026-03-20 10:00").does(CaseClosed, on="2026-03-19 10:00")
    story.does(Reply, "tess", findings=GOOD, outcome="not_upheld")
    return story
