"""Complaints that come to each letter, in each of its variants, by what the procedure itself makes of them."""

from collections.abc import Callable
from functools import partial
from typing import Any

from complaints.procedure.acts import (
    AcceptLate,
    AcceptReview,
    Acknowledge,
    AnswerRecommendation,
    CarryOut,
    CaseClosed,
    CaseReopened,
    Classify,
    DeclineReview,
    Escalate,
    Extend,
    GiveOpinion,
    Reply,
    Resolve,
    Settle,
    Withdraw,
)
from complaints.procedure.terms import Ground
from tests.procedure.builders import ACTION, APOLOGY, COMPENSATION, HOUSING, LEAD, OPEN, POST, Story, opened

WORDS = (
    "You told us on 5 January that you had moved.\r\nWe wrote to your old address until 20 February.\n\nWe were slow."
)
"""What staff write; three lines and an empty one."""
NOT_TOLD: dict[str, Any] = {"told_case_handler_on": None}


def acknowledged(**given: Any) -> Story:
    story = opened(**given).at("2026-03-03 10:00")
    story.does(Acknowledge)
    return story


def answered(when: str = "2026-03-05 10:00", *, said: dict[str, Any] | None = None, **given: Any) -> Story:
    """A manager, or a landlord's first stage, has replied."""
    story = opened(**given).at(when)
    story.does(Reply, **({"findings": WORDS} | (said or {})))
    return story


def answered_by_team(said: dict[str, Any] | None = None, **given: Any) -> Story:
    story = answered(**given).at("2026-03-06 10:00")
    story.does(Escalate)
    story.at("2026-03-10 10:00").does(Reply, **({"findings": WORDS} | (said or {})))
    return story


def asked_for_review(**given: Any) -> Story:
    story = answered_by_team(**given).at("2026-03-11 10:00")
    story.does(Escalate)
    return story


def reviewed(*recommendations: object, satisfactory: bool = False) -> Story:
    story = asked_for_review().at("2026-03-12 10:00")
    story.does(AcceptReview)
    found: dict[str, Any] = {"satisfactory": satisfactory, "explanation": WORDS, "recommendations": recommendations}
    story.at("2026-03-20 10:00").does(GiveOpinion, **found)
    return story


def recommendation_answered(number: int, *recommendations: object, **answer: Any) -> Story:
    story = reviewed(*recommendations).at("2026-03-23 10:00")
    for earlier in range(1, number):
        story.does(AnswerRecommendation, LEAD, recommendation=earlier, accepted=True)
    story.does(AnswerRecommendation, LEAD, recommendation=number, **answer)
    return story


def acknowledged_for_a_tier_already_left() -> Story:
    """It was sent as a signal on the last day, and no worker ran until the complaint had passed on."""
    story = opened().at("2026-03-24 10:00")
    story.sends(Acknowledge, "mark", made_at="2026-03-23 09:00")
    return story


def replied_for_a_tier_already_left() -> Story:
    story = opened().at("2026-03-24 10:00")
    story.sends(Reply, "mark", findings=WORDS, remedies=[COMPENSATION], made_at="2026-03-23 09:00")
    return story


def acknowledged_late() -> Story:
    story = opened().at("2026-03-18 10:00")
    story.does(Acknowledge)
    return story


def extended() -> Story:
    story = acknowledged().at("2026-03-12 10:00")
    story.does(Extend, to="2026-03-31", explanation="We wait for the file.\nIt is with a solicitor.")
    return story


def gone_on(when: str = "2026-03-06 10:00", **given: Any) -> Story:
    story = answered().at(when)
    story.does(Escalate, **given)
    return story


def taken_late() -> Story:
    story = answered().at("2026-04-10 10:00")
    story.does(AcceptLate, LEAD)
    return story


def review_taken_late_while_the_case_is_open() -> Story:
    story = answered_by_team().at("2026-04-13 10:00")
    story.does(CaseReopened)
    story.does(AcceptLate, LEAD)
    return story


def asked_too_late() -> Story:
    story = answered().at("2026-04-10 10:00")
    story.sends(Escalate)
    return story


def settled(**given: Any) -> Story:
    story = opened(**(NOT_TOLD | given)).at("2026-03-04 10:00")
    story.does(Settle, explanation=WORDS)
    return story


def moved_to_the_outcome() -> Story:
    story = acknowledged(aspects=["delay", "other_service"])
    story.does(Classify, concern=2, aspect="outcome")
    return story


def out_of_time() -> Story:
    return opened(case={"answered_on": "2025-11-20"})


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


def resolved_with_a_promise() -> Story:
    story = answered(said={"remedies": [COMPENSATION]}).at("2026-03-09 10:00")
    story.does(Resolve)
    return story


def withdrawn() -> Story:
    story = acknowledged()
    story.does(Withdraw)
    return story


def closed_case_before_the_reply() -> Story:
    """The review's month then counts from the later of the closing and the receipt of the reply."""
    story = answered(case=OPEN).at("2026-03-06 10:00")
    story.does(Escalate)
    story.at("2026-03-20 10:00").does(CaseClosed, on="2026-03-19 10:00")
    story.does(Reply, "tess", findings=WORDS, outcome="not_upheld")
    return story


def final_reply() -> Story:
    story = answered(policy=HOUSING).at("2026-03-06 10:00")
    story.does(Escalate)
    story.at("2026-03-10 10:00").does(Reply, findings=WORDS, remedies=[APOLOGY])
    return story


ALL_REMEDIES: dict[str, Any] = {"remedies": [APOLOGY, COMPENSATION, ACTION, {"kind": "compensation", "pence": 7_550}]}
PARTLY: dict[str, Any] = {"outcome": "partly_upheld", "remedies": [{"kind": "compensation", "pence": 123_456}]} | {
    "carry_out_by": "2026-03-31"
}
NOT: dict[str, Any] = {"outcome": "not_upheld"}
MIXED: dict[str, Any] = {"aspects": ["delay", "outcome", "not_kept_updated", "data_protection"]}

LETTERS: dict[str, tuple[str, Callable[[], Story]]] = {
    "passed to the case handler": ("passed_to_case_handler", lambda: opened(**NOT_TOLD)),
    "acknowledged by a manager": ("acknowledgement", acknowledged),
    "acknowledged by a manager, by post": ("acknowledgement", lambda: acknowledged(complainant=POST)),
    "acknowledged by a manager, mixed": ("acknowledgement", lambda: acknowledged(**MIXED)),
    "acknowledged late": ("acknowledgement", acknowledged_late),
    "acknowledged by a landlord": ("acknowledgement", lambda: acknowledged(policy=HOUSING, case={"open": False})),
    "acknowledged, already passed on": ("acknowledgement", acknowledged_for_a_tier_already_left),
    "reply, upheld": ("reply", lambda: answered(said=ALL_REMEDIES)),
    "reply, upheld, by post": ("reply", lambda: answered(said=ALL_REMEDIES, complainant=POST)),
    "reply, partly upheld": ("reply", lambda: answered(said=PARTLY)),
    "reply, not upheld": ("reply", lambda: answered(said=NOT)),
    "reply, not upheld, case open": ("reply", lambda: answered(said=NOT, case=OPEN)),
    "reply, not upheld, case open, by post": ("reply", lambda: answered(said=NOT, case=OPEN, complainant=POST)),
    "reply before a review": ("reply", lambda: answered_by_team(NOT)),
    "reply before a review, case open": ("reply", lambda: answered_by_team(NOT, case=OPEN)),
    "reply before a review, case closed since": ("reply", closed_case_before_the_reply),
    "reply, already passed on": ("reply", replied_for_a_tier_already_left),
    "reply, final": ("reply", final_reply),
    "more time": ("more_time", extended),
    "passed on": ("passed_on", lambda: opened().at("2026-03-24 10:00")),
    "escalation received": ("escalation_received", gone_on),
    "escalation received, keyed late": (
        "escalation_received",
        lambda: gone_on("2026-03-25 10:00", received_at="2026-03-09 10:00"),
    ),
    "escalation received, taken late": ("escalation_received", taken_late),
    "review asked for": ("escalation_received", asked_for_review),
    "review waits": ("review_waits", lambda: asked_for_review(case=OPEN)),
    "review waits, taken late": ("review_waits", review_taken_late_while_the_case_is_open),
    "escalation out of time": ("escalation_out_of_time", asked_too_late),
    "settlement": ("settlement", settled),
    "settlement, case open": ("settlement", lambda: settled(case=OPEN)),
    "signpost, mixed, outcome": ("signpost", lambda: opened(aspects=["delay", "outcome", "outcome"])),
    "signpost, mixed, data protection": ("signpost", lambda: opened(**MIXED)),
    "signpost, nothing else": ("signpost", lambda: opened(aspects=["outcome"])),
    "signpost, moved later": ("signpost", moved_to_the_outcome),
    "signpost, by a landlord": ("signpost", lambda: opened(policy=HOUSING, aspects=["outcome", "delay"])),
    "out of time": ("out_of_time", out_of_time),
    "review accepted": ("review_accepted", reviewed),
    "review accepted, case open": ("review_accepted", review_accepted_exceptionally),
    **{
        f"review declined, {ground.replace('_', ' ')}": ("review_declined", partial(review_declined, ground))
        for ground in Ground
    },
    "opinion, satisfactory": ("opinion", lambda: reviewed(satisfactory=True)),
    "opinion, unsatisfactory": ("opinion", reviewed),
    "opinion, one recommendation": ("opinion", lambda: reviewed(COMPENSATION)),
    "opinion, each kind of recommendation": ("opinion", lambda: reviewed(APOLOGY, COMPENSATION, ACTION)),
    "recommendation accepted": (
        "recommendation_answered",
        lambda: recommendation_answered(1, COMPENSATION, accepted=True, carry_out_by="2026-03-31"),
    ),
    "recommendation accepted, action": (
        "recommendation_answered",
        lambda: recommendation_answered(1, ACTION, APOLOGY, accepted=True, reason="We agree."),
    ),
    "recommendation declined": (
        "recommendation_answered",
        lambda: recommendation_answered(2, COMPENSATION, APOLOGY, accepted=False, reason=WORDS),
    ),
    "closed, settled": ("closed", lambda: settled().at("2026-04-20 10:00")),
    "closed, resolved, a promise open": ("closed", resolved_with_a_promise),
    "closed, withdrawn": ("closed", withdrawn),
    "closed, not taken further": ("closed", lambda: answered().at("2026-04-20 10:00")),
    "closed, opinion given": ("closed", closed_as_reviewed),
}
"""By the name of its golden text: the letter's occasion, and the story whose latest letter of that kind it is."""
