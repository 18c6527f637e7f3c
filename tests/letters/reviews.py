"""Complaints that owe the letters of a review."""

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
from tests.letters.stories import FINDINGS, GOOD_SERVICE, manager_replied, team_replied, withdrawn
from tests.procedure.builders import APOLOGY, COMPENSATION, LEAD, OPEN, Story, opened


def review_requested(**form: Any) -> Story:
    story = team_replied(**form).at("2026-03-11 10:00")
    story.does(Escalate)
    return story


def opinion_given(*recommendations: object, satisfactory: bool = False, **form: Any) -> Story:
    story = review_requested(**form).at("2026-03-12 10:00")
    story.does(AcceptReview)
    explanation = GOOD_SERVICE if satisfactory else FINDINGS
    opinion: dict[str, Any] = {
        "satisfactory": satisfactory,
        "explanation": explanation,
        "recommendations": recommendations,
    }
    story.at("2026-03-20 10:00").does(GiveOpinion, **opinion)
    return story


def recommendation_answered(number: int, *recommendations: object, **answer: Any) -> Story:
    story = opinion_given(*recommendations).at("2026-03-23 10:00")
    for earlier in range(1, number):
        story.does(AnswerRecommendation, LEAD, recommendation=earlier, accepted=True)
    story.does(AnswerRecommendation, LEAD, recommendation=number, **answer)
    return story


def review_accepted_late_with_case_open() -> Story:
    story = team_replied().at("2026-04-13 10:00")
    story.does(CaseReopened)
    story.does(AcceptLate, LEAD)
    return story


def review_requested_too_early(when: str = "2026-03-03 10:00", **form: Any) -> Story:
    story = opened(**form).at(when)
    story.sends(Escalate, to="independent_assessor", from_complainant=True)
    return story


def review_requested_after_managers_reply() -> Story:
    story = manager_replied().at("2026-03-06 10:00")
    story.sends(Escalate, to="independent_assessor", from_complainant=True)
    return story


def review_requested_after_closing() -> Story:
    story = withdrawn()
    story.sends(Escalate, to="independent_assessor", from_complainant=True)
    return story


def case_reopened_before_review() -> Story:
    story = review_requested().at("2026-03-12 10:00")
    story.does(CaseReopened)
    return story


def review_declined_with_undertaking_open() -> Story:
    story = team_replied({"remedies": [COMPENSATION]}).at("2026-03-11 10:00")
    story.does(Escalate)
    story.at("2026-03-12 10:00").does(DeclineReview, ground="enquiry_only", explanation=GOOD_SERVICE)
    return story


def satisfactory_with_undertaking_open() -> Story:
    story = team_replied({"remedies": [COMPENSATION]}).at("2026-03-11 10:00")
    story.does(Escalate)
    story.does(AcceptReview)
    story.does(GiveOpinion, satisfactory=True, explanation=GOOD_SERVICE)
    return story


def recommendation_declined_after_other_carried_out() -> Story:
    story = opinion_given(COMPENSATION, APOLOGY).at("2026-03-23 10:00")
    story.does(AnswerRecommendation, LEAD, recommendation=1, accepted=True)
    story.does(CarryOut, LEAD, undertaking=1)
    story.does(AnswerRecommendation, LEAD, recommendation=2, accepted=False, reason=GOOD_SERVICE)
    return story


def review_declined(ground: str) -> Story:
    story = review_requested().at("2026-03-12 10:00")
    story.does(DeclineReview, ground=ground, explanation=FINDINGS)
    return story


def review_accepted_exceptionally() -> Story:
    story = review_requested(case=OPEN).at("2026-03-12 10:00")
    story.does(AcceptReview, exceptionally="She is very ill.")
    return story


def closed_after_opinion() -> Story:
    story = recommendation_answered(1, COMPENSATION, accepted=True).at("2026-03-27 10:00")
    story.does(CarryOut, LEAD, undertaking=1)
    return story


def case_closed_before_reply() -> Story:
    """The review's month then counts from the later of the closing and the receipt of the reply."""
    story = manager_replied(case=OPEN).at("2026-03-06 10:00")
    story.does(Escalate)
    story.at("2026-03-20 10:00").does(CaseClosed, on="2026-03-19 10:00")
    story.does(Reply, "tess", findings=GOOD_SERVICE, outcome="not_upheld")
    return story
