"""The Independent Assessor: admission, opinion, recommendations (R8)."""

from typing import Any

import pytest
from pydantic import ValidationError

from complaints.procedure.acts import (
    AcceptReview,
    AnswerRecommendation,
    CarryOut,
    CaseClosed,
    CaseReopened,
    CloseInError,
    DeclineReview,
    Escalate,
    GiveOpinion,
    Reply,
    Resolve,
    Withdraw,
)
from complaints.procedure.enums import Code
from tests.procedure.builders import ACTION, APOLOGY, COMPENSATION, LEAD, OPEN, Story, at, day, opened


def team_replied(when: str = "2026-03-09 10:00", **given: Any) -> Story:
    story = opened(**given)
    story.does(Reply)
    story.at("2026-03-05 10:00").does(Escalate)
    story.at(when).does(Reply)
    return story


def requested(when: str = "2026-03-10 10:00", **given: Any) -> Story:
    story = team_replied(**given).at(when)
    story.does(Escalate)
    return story


def accepted(when: str = "2026-03-11 10:00", **given: Any) -> Story:
    story = requested(**given).at(when)
    story.does(AcceptReview)
    return story


def recommended(*remedies: object) -> Story:
    story = accepted().at("2026-03-20 10:00")
    story.does(GiveOpinion, satisfactory=False, recommendations=remedies or [APOLOGY, COMPENSATION])
    return story


def test_a_review_requested_after_the_case_closed_awaits_admission_and_its_target_runs() -> None:
    story = requested()
    assert story.state.status == "awaiting_admission"
    assert story.deadline("opinion").due_on == day("2026-04-23")
    assert story.letters()[-1] == "escalation_received"


def test_the_window_for_a_review_ends_a_month_after_the_later_of_the_closing_and_the_reply() -> None:
    story = team_replied(case=OPEN)
    assert story.window_ends is None
    story.at("2026-03-30 10:00").does(CaseClosed, on="2026-03-20 12:00")
    assert story.window_ends == "2026-04-21 00:00"


def test_the_window_for_a_review_counts_from_the_reply_if_it_is_later() -> None:
    assert team_replied().window_ends == "2026-04-10 00:00"


def test_the_window_for_a_review_does_not_end_before_the_closing_was_keyed() -> None:
    story = team_replied(case=OPEN).at("2026-06-01 10:00")
    story.does(CaseClosed, on="2026-03-20 12:00")
    assert story.times("window_ended") == ["2026-06-01 10:00"]
    story.at("2026-06-02 10:00").does(Escalate, received_at="2026-05-29 10:00")


def test_a_review_requested_while_the_case_is_open_waits_and_the_lead_is_reminded_every_three_months() -> None:
    story = requested(case=OPEN)
    assert story.state.status == "awaiting_case_closing"
    assert story.letters()[-1] == "review_waits"
    story.at("2026-12-31 10:00")
    assert story.times("reminded", to=["lead:independent_assessor"]) == [
        "2026-06-10 09:00",
        "2026-09-10 09:00",
        "2026-12-10 09:00",
    ]


def test_the_review_can_begin_and_the_reminders_stop_when_the_case_closes() -> None:
    story = requested(case=OPEN).at("2026-04-02 10:00")
    story.does(CaseClosed)
    assert story.state.status == "awaiting_admission"
    assert story.deadline("opinion").day_0 == day("2026-04-02")
    story.at("2026-12-31 10:00")
    assert "2026-06-10 09:00" not in story.times("reminded")


def test_a_request_keyed_after_the_case_closed_and_received_before_counts_from_the_closing() -> None:
    story = team_replied(case=OPEN).at("2026-03-13 10:00")
    story.does(CaseClosed, on="2026-03-12 10:00")
    story.does(Escalate, received_at="2026-03-10 10:00")
    assert story.deadline("opinion").day_0 == day("2026-03-12")


def test_a_case_opened_again_before_admission_makes_it_wait_again() -> None:
    story = requested().at("2026-03-12 10:00")
    story.does(CaseReopened)
    assert story.state.status == "awaiting_case_closing"
    assert story.deadline("opinion").ended_at == at("2026-03-12 10:00")
    assert story.letters()[-1] == "review_waits"
    story.at("2026-03-20 10:00").does(CaseClosed)
    assert story.deadline("opinion").day_0 == day("2026-03-20")


def test_a_case_opened_again_after_admission_changes_nothing() -> None:
    story = accepted()
    story.does(CaseReopened)
    assert story.state.status == "awaiting_opinion"


def test_a_review_is_accepted_while_the_case_is_open_only_with_a_reason() -> None:
    story = requested(case=OPEN).at("2026-07-01 10:00")
    story.refuses(Code.CASE_OPEN, AcceptReview)
    story.does(AcceptReview, exceptionally="The case will last for years.")
    assert story.state.status == "awaiting_opinion"


def test_the_target_of_a_review_accepted_exceptionally_counts_from_the_acceptance() -> None:
    story = requested(case=OPEN).at("2026-07-01 10:00")
    story.does(AcceptReview, exceptionally="The case will last for years.")
    assert story.deadline("opinion").day_0 == day("2026-07-01")
    assert not story.state.is_overdue


def test_the_assessor_who_accepts_the_review_holds_the_complaint() -> None:
    story = accepted()
    assert (story.state.status, story.state.holder) == ("awaiting_opinion", "ida")
    assert story.letters()[-1] == "review_accepted"
    story.refuses(Code.NOT_NOW, AcceptReview)


@pytest.mark.parametrize("ground", ["out_of_time", "not_about_service", "already_considered", "enquiry_only"])
def test_the_assessor_declines_with_a_ground(ground: str) -> None:
    story = requested()
    story.does(DeclineReview, ground=ground)
    assert story.closed == "review_declined"
    assert story.letters()[-1] == "review_declined"
    assert story.events("decline_review")[0].detail == {"ground": ground}


def test_an_opinion_before_the_acceptance_is_refused() -> None:
    refusal = requested().refuses(Code.NOT_NOW, GiveOpinion)
    assert refusal.sentence == "The complaint is awaiting admission, not awaiting opinion."


def test_a_reply_at_the_reviewing_tier_is_refused() -> None:
    accepted().refuses(Code.NOT_NOW, Reply)


def test_a_satisfactory_service_closes_the_complaint_at_once() -> None:
    story = accepted().at("2026-03-20 10:00")
    story.does(GiveOpinion)
    assert story.closed == "opinion_given"
    assert story.deadline("opinion").met_at == at("2026-03-20 10:00")
    assert story.letters()[-1] == "opinion"


def test_an_unsatisfactory_service_without_recommendations_closes_the_complaint_at_once() -> None:
    story = accepted()
    story.does(GiveOpinion, satisfactory=False)
    assert story.closed == "opinion_given"


def test_a_satisfactory_service_has_no_recommendations() -> None:
    with pytest.raises(ValidationError, match="a satisfactory service has none"):
        accepted().act(GiveOpinion, satisfactory=True, recommendations=[APOLOGY])


def test_an_opinion_explains_why() -> None:
    with pytest.raises(ValidationError):
        accepted().act(GiveOpinion, satisfactory=True, explanation=" ")


def test_each_recommendation_must_be_answered_within_ten_working_days() -> None:
    story = recommended()
    assert story.state.status == "awaiting_recommendations"
    assert [story.deadline("recommendation_answer", recommendation=n).due_on for n in (1, 2)] == [
        day("2026-04-07"),
        day("2026-04-07"),
    ]


def test_an_answer_overdue_alerts_the_leads_of_the_earlier_tiers() -> None:
    story = recommended(APOLOGY).at("2026-04-08 10:00")
    leads = ["lead:manager", "lead:customer_complaints_team"]
    assert story.alerts() == [("recommendation_answer_lapsed", leads)]
    assert story.events("reminded")[-1].detail["to"] == leads


def test_an_accepted_recommendation_becomes_an_undertaking_with_a_date() -> None:
    story = recommended()
    story.does(AnswerRecommendation, LEAD, recommendation=1, accepted=True, carry_out_by="2026-04-01")
    story.does(AnswerRecommendation, LEAD, recommendation=2, accepted=True)
    assert [undertaking.by for undertaking in story.state.undertakings] == [day("2026-04-01"), day("2026-04-21")]
    assert story.deadline("recommendation_answer", recommendation=1).met_at == at("2026-03-20 10:00")


def test_a_declined_recommendation_needs_a_reason() -> None:
    with pytest.raises(ValidationError, match="is needed to decline a recommendation"):
        recommended().act(AnswerRecommendation, LEAD, recommendation=1, accepted=False)
    with pytest.raises(ValidationError, match="a declined recommendation is not carried out"):
        recommended().act(
            AnswerRecommendation, LEAD, recommendation=1, accepted=False, reason="No.", carry_out_by="2026-04-01"
        )


def test_a_recommendation_is_answered_once() -> None:
    story = recommended()
    story.does(AnswerRecommendation, LEAD, recommendation=1, accepted=True)
    refusal = story.refuses(Code.ALREADY_ANSWERED, AnswerRecommendation, LEAD, recommendation=1, accepted=True)
    assert refusal.sentence == "Recommendation 1 was accepted by lee."
    refusal = story.refuses(Code.NO_SUCH_NUMBER, AnswerRecommendation, LEAD, recommendation=3, accepted=True)
    assert refusal.sentence == "recommendation: there is no recommendation 3; give 2."


def test_the_complaint_closes_when_every_recommendation_is_declined_or_carried_out() -> None:
    story = recommended()
    story.does(AnswerRecommendation, LEAD, recommendation=1, accepted=True)
    story.does(AnswerRecommendation, LEAD, recommendation=2, accepted=False, reason="The amount is too high.")
    assert story.closed is None
    story.at("2026-03-24 10:00").does(CarryOut, LEAD, undertaking=1)
    assert story.closed == "opinion_given"
    assert story.times("closed") == ["2026-03-24 10:00"]
    assert story.letters()[-1] == "closed"


def test_the_complaint_closes_at_once_when_all_recommendations_are_declined() -> None:
    story = recommended(ACTION)
    story.does(AnswerRecommendation, LEAD, recommendation=1, accepted=False, reason="Not ours to do.")
    assert story.closed == "opinion_given"
    assert story.letters()[-1] == "recommendation_answered"


def test_a_recommended_apology_is_an_undertaking() -> None:
    story = recommended(APOLOGY)
    story.does(AnswerRecommendation, LEAD, recommendation=1, accepted=True)
    assert story.state.undertakings[0].kind == "apology"


def test_the_author_of_the_opinion_neither_answers_nor_carries_out_recommendations() -> None:
    story = recommended()
    story.refuses(Code.WRONG_ROLE, AnswerRecommendation, "ida", recommendation=1, accepted=True)
    story.does(AnswerRecommendation, LEAD, recommendation=1, accepted=True)
    story.refuses(Code.WRONG_ROLE, CarryOut, "ida", undertaking=1)


def test_leads_who_dealt_with_it_before_may_answer_and_carry_out() -> None:
    story = recommended(APOLOGY)
    story.does(AnswerRecommendation, "mark", recommendation=1, accepted=True)
    story.does(CarryOut, "tess", undertaking=1)


def test_a_complaint_is_neither_withdrawn_nor_resolved_after_the_opinion() -> None:
    story = recommended()
    story.refuses(Code.OPINION_STANDS, Withdraw)
    story.refuses(Code.OPINION_STANDS, Resolve)


def test_a_complaint_may_be_withdrawn_or_resolved_before_the_opinion() -> None:
    for kind in (Withdraw, Resolve):
        story = accepted()
        story.does(kind)
        assert story.closed in ("withdrawn", "resolved")


def test_an_opinion_signalled_before_the_target_and_read_after_it_is_in_time() -> None:
    story = accepted().at("2026-04-24 10:00")
    assert story.deadline("opinion").lapsed_at
    story.sends(GiveOpinion, made_at="2026-04-23 23:00")
    assert story.deadline("opinion").lapsed_at is None


def test_there_is_no_further_tier_after_the_opinion() -> None:
    story = accepted()
    story.does(GiveOpinion)
    refusal = story.refuses(Code.NO_FURTHER_TIER, Escalate)
    assert refusal.sentence == ("There is no tier after Independent Assessor. It is the last word of this procedure.")


def test_a_review_closed_in_error_needs_no_answers() -> None:
    story = recommended(ACTION)
    story.does(CloseInError, LEAD)
    assert not story.deadline("recommendation_answer", recommendation=1).is_running
