"""R8: the Independent Assessor's review, her opinion and her recommendations."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial
from typing import Any

from complaints.procedure.acts import AcceptReview, AnswerRecommendation, DeclineReview, GiveOpinion
from complaints.procedure.dates.allowance import moment
from complaints.procedure.dates.calendar import TICK
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.dates.deadlines import Sending
from complaints.procedure.enums import (
    Alert,
    ClosingReason,
    Code,
    DeadlineKind,
    EventKind,
    Letter,
    RemedyKind,
    Status,
    humanize_code,
)
from complaints.procedure.policy import ReviewTerms
from complaints.procedure.recalculation.basis import Basis, RepeatedNotice, moved_notice_at
from complaints.procedure.refusals import RefusedError
from complaints.procedure.remedies import action_texts
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import CaseState, Recommendation
from complaints.procedure.steps import deadline_rules
from complaints.procedure.steps.closing import close
from complaints.procedure.steps.letters.sendings import meet_deadline
from complaints.procedure.steps.rules import (
    Effect,
    EventPriority,
    ScheduledEvent,
    check_not_past,
    note_of_free_day,
    numbers_to_give,
)
from complaints.procedure.steps.undertakings import add_undertaking, close_if_all_done


def request_review(c: ComplaintState, now: datetime) -> None:
    """Start a review, or let it wait while the case is open; her lead is then reminded.

    Where the directory chooses the holder, her lead gets an alert of their own (R6).
    """
    if c.tier and c.tier.allocate:
        what = f"{c.tier_title}: a review is requested"
        c.alert(Alert.REVIEW_REQUESTED, now, c.leads(c.tier.id), what)
    if c.case.open:
        _wait_for_case(c, now)
    else:
        _start_review(c, _review_possible_since(c), now)


def apply_case_state(c: ComplaintState, was: CaseState, now: datetime) -> None:
    """Start a waiting review when the case closes; let it wait again if the case reopens.

    A closing that was stated late moves the target of a review that has not been accepted.
    """
    if c.status is Status.AWAITING_CASE_CLOSING and not c.case.open:
        c.tier_period.alert_owed = Alert.GOES_ON
        _start_review(c, _review_possible_since(c), now)
    elif c.status is Status.AWAITING_ADMISSION and c.case.open:
        deadline_rules.end_deadlines(c, now)
        _wait_for_case(c, now)
        asked_on = c.calendar.day_of(c.tier_period.started_at)
        what = f"{c.tier_title}: waits again for the case to close"
        c.letter(
            Letter.REVIEW_WAITS, now, what, tier=c.tier_period.tier, received_on=asked_on, late=False, reopened=True
        )
    elif c.status is Status.AWAITING_ADMISSION and not was.open:
        _move_target(c, now)


def _move_target(c: ComplaintState, now: datetime) -> None:
    deadline = c.running_deadline(DeadlineKind.OPINION)
    start = moment(c.calendar, _review_possible_since(c))
    due = _terms(c).opinion_within.due(c.calendar, start)
    if deadline and due.at != deadline.at:
        deadline.day_0, deadline.start_at = start
        deadline_rules.move_deadline(c, deadline, due, "R7", None, now, first=due)


def accept_review(c: ComplaintState, act: AcceptReview, now: datetime) -> Effect:
    """Accept a review; while the case is open, only with a reason. Raises RefusedError."""
    _check_status(c, Status.AWAITING_ADMISSION, Status.AWAITING_CASE_CLOSING)
    if c.status is Status.AWAITING_CASE_CLOSING and not act.exceptionally:
        raise RefusedError(
            Code.CASE_OPEN, "exceptionally: the case is still open; give a reason to take the review nevertheless."
        )

    def effect() -> None:
        what = f"{c.tier_title}: review accepted"
        c.note(act.name, now, act.by, what, free_text={"exceptionally": act.exceptionally})
        c.record_act_at_tier(act.by, now)
        if c.status is Status.AWAITING_CASE_CLOSING:
            _start_review(c, now, now)
        c.tier_period.accepted_at = now
        c.status = Status.AWAITING_OPINION
        c.letter(Letter.REVIEW_ACCEPTED, now, what, tier=c.tier_period.tier, case_open=c.case.open)

    return effect


def decline_review(c: ComplaintState, act: DeclineReview, now: datetime) -> Effect:
    """Decline a review with a ground, which closes the complaint. Raises RefusedError."""
    _check_status(c, Status.AWAITING_ADMISSION, Status.AWAITING_CASE_CLOSING)

    def effect() -> None:
        what = f"{c.tier_title}: review declined, {humanize_code(act.ground)}"
        c.note(act.name, now, act.by, what, {"ground": act.ground}, {"explanation": act.explanation})
        declined = c.sequence
        c.record_act_at_tier(act.by, now)
        to_carry_out = len(c.open_undertakings)
        detail: dict[str, Any] = {"ground": act.ground, "declined": declined, "to_carry_out": to_carry_out}
        c.letter(Letter.REVIEW_DECLINED, now, what, tier=c.tier_period.tier, **detail)
        close(c, ClosingReason.REVIEW_DECLINED, now, act.by)

    return effect


def give_opinion(c: ComplaintState, act: GiveOpinion, now: datetime) -> Effect:
    """Give the opinion; each recommendation gets a deadline for its answer. Raises RefusedError."""
    _check_status(c, Status.AWAITING_OPINION)

    def effect() -> None:
        given_at = max(act.instant(now), c.tier_period.started_at)
        verdict = "satisfactory" if act.satisfactory else "unsatisfactory"
        number = len(act.recommendations)
        what = f"{c.tier_title}: opinion, {verdict}, {number} recommendation{'s' * (number != 1)}"
        recommended = [remedy.model_dump(include={"kind", "pence"}) for remedy in act.recommendations]
        detail: dict[str, Any] = {"satisfactory": act.satisfactory, "recommendations": recommended}
        free_text = {"explanation": act.explanation, **action_texts("recommendation", act.recommendations)}
        c.note(act.name, now, act.by, what, detail, free_text)
        opinion = c.sequence
        c.record_act_at_tier(act.by, now)
        c.tier_period.replied_at = given_at
        sending = Sending(sent_at=given_at)
        meet_deadline(c, c.running_deadline(DeadlineKind.OPINION), sending, now)
        answer_within = _terms(c).answer_within
        answer_by = answer_within.due(c.calendar, moment(c.calendar, given_at)).on if act.recommendations else None
        detail |= {"opinion": opinion, "answer_by": answer_by, "to_carry_out": len(c.open_undertakings)}
        sending.letter = c.letter(Letter.OPINION, now, what, tier=c.tier_period.tier, **detail)
        for number, remedy in enumerate(act.recommendations, start=1):
            c.recommendations.append(
                Recommendation(number=number, what=str(remedy), kind=remedy.kind, pence=remedy.pence)
            )
        if not act.recommendations:
            close(c, ClosingReason.OPINION_GIVEN, now, act.by)
            return
        c.status = Status.AWAITING_RECOMMENDATIONS
        for recommendation in c.recommendations:
            deadline_rules.set_deadline(
                c,
                DeadlineKind.RECOMMENDATION_ANSWER,
                "R8",
                answer_within,
                moment(c.calendar, given_at),
                now,
                recommendation.number,
            )
        what = f"{what}: to be answered by the end of {format_date(c.deadlines[-1].due_on)}"
        c.alert(Alert.RECOMMENDATIONS_MADE, now, c.leads(*_service_tiers(c)), what)

    return effect


def answer_recommendation(c: ComplaintState, act: AnswerRecommendation, now: datetime) -> Effect:
    """Accept a recommendation with a date, or decline it with a reason. Raises RefusedError."""
    _check_status(c, Status.AWAITING_RECOMMENDATIONS)
    recommendation = next((r for r in c.recommendations if r.number == act.recommendation), None)
    if recommendation is None:
        numbers = [each.number for each in c.recommendations if each.accepted is None]
        advice = numbers_to_give(numbers, "all have been answered")
        raise RefusedError(
            Code.NO_SUCH_NUMBER, f"recommendation: there is no recommendation {act.recommendation}; {advice}."
        )
    if recommendation.accepted is not None:
        raise RefusedError(
            Code.ALREADY_ANSWERED,
            f"Recommendation {recommendation.number} was {'accepted' if recommendation.accepted else 'declined'} "
            f"by {recommendation.answered_by}.",
        )
    check_not_past(c, act.carry_out_by, now, "carry_out_by")
    free_day = note_of_free_day(c, act.carry_out_by)

    def effect() -> None:
        answered_at = act.instant(now)
        recommendation.accepted = act.accepted
        recommendation.answered_by = act.by
        what = f"recommendation {recommendation.number} {'accepted' if act.accepted else 'declined'}"
        detail: dict[str, Any] = {"recommendation": recommendation.number, "accepted": act.accepted}
        is_action = recommendation.kind is RemedyKind.ACTION
        free_text = {"reason": act.reason, "recommendation": recommendation.what if is_action else None}
        c.note(act.name, now, act.by, f"{what}{free_day}", detail, free_text)
        answer, carry_out_by = c.sequence, None
        awaited = c.running_deadline(DeadlineKind.RECOMMENDATION_ANSWER, recommendation.number)
        meet_deadline(c, awaited, Sending(sent_at=answered_at), now)
        if act.accepted:
            carry_out_by = add_undertaking(
                c, recommendation, _service_tiers(c), act.by, act.carry_out_by, answered_at, now
            )
        accepted = [r.undertaking for r in c.recommendations if r.accepted]
        to_carry_out = sum(undertaking.number in accepted for undertaking in c.open_undertakings)
        c.letter(
            Letter.RECOMMENDATION_ANSWERED,
            now,
            what,
            tier=c.tier_period.tier,
            answer=answer,
            **detail,
            kind=recommendation.kind,
            pence=recommendation.pence,
            by=carry_out_by,
            unanswered=sum(r.accepted is None for r in c.recommendations),
            to_carry_out=to_carry_out,
            carried_out=len(accepted) - to_carry_out,
        )
        close_if_all_done(c, now)

    return effect


def scheduled_events(c: ComplaintState) -> Iterator[ScheduledEvent]:
    """Yield the next reminder of a review that waits for the case to close."""
    if c.status is Status.AWAITING_CASE_CLOSING and c.tier_period.notice_at:
        summary = f"{c.tier_title}: reminder that the case is still open"
        yield ScheduledEvent(
            c.tier_period.notice_at, EventPriority.NOTICE, summary, partial(_remind_that_case_is_open, c)
        )


def _wait_for_case(c: ComplaintState, now: datetime) -> None:
    c.status = Status.AWAITING_CASE_CLOSING
    _set_reminder(c, now)


def _set_reminder(c: ComplaintState, not_before: datetime) -> None:
    every = _terms(c).case_open_reminder_every
    since = moment(c.calendar, c.tier_period.started_at)
    c.tier_period.notice_at = every.notice_after(c.calendar, since, c.policy.notices_at, not_before)


def recalculate_reminder(c: ComplaintState, old_basis: Basis, now: datetime) -> None:
    """Move the next reminder to its date by the changed calendar or policy (R14)."""
    old_terms = old_basis.policy.tier(c.tier_period.tier).review if c.status is Status.AWAITING_CASE_CLOSING else None
    if old_terms and c.tier_period.notice_at:
        since = moment(c.calendar, c.tier_period.started_at)
        old, new = (
            RepeatedNotice(old_terms.case_open_reminder_every, since),
            RepeatedNotice(_terms(c).case_open_reminder_every, since),
        )
        c.tier_period.notice_at = moved_notice_at(c, old_basis, old, new, c.tier_period.notice_at, now)


def _remind_that_case_is_open(c: ComplaintState, at: datetime) -> None:
    what = f"{c.tier_title}: the review waits for the case to close"
    c.note(EventKind.REMINDED, at, None, what, {"to": c.leads(c.tier_period.tier)})
    _set_reminder(c, at + TICK)


def _review_possible_since(c: ComplaintState) -> datetime:
    """Return the later of the request and the closing of the case, whenever they were keyed."""
    return max(c.tier_period.started_at, c.case.since or c.tier_period.started_at)


def _start_review(c: ComplaintState, since: datetime, now: datetime) -> None:
    """Set her internal target, counted from `since`; it only alerts (R6)."""
    c.tier_period.notice_at = None
    c.status = Status.AWAITING_ADMISSION
    deadline_rules.set_deadline(c, DeadlineKind.OPINION, "R6", _terms(c).opinion_within, moment(c.calendar, since), now)


def _terms(c: ComplaintState) -> ReviewTerms:
    terms = c.tier and c.tier.review
    assert terms, "only a tier that reviews comes here"
    return terms


def _service_tiers(c: ComplaintState) -> list[str]:
    return [tier.id for tier in c.policy.tiers if tier.reply]


def _check_status(c: ComplaintState, *statuses: Status) -> None:
    c.refuse_if_closed()
    if c.status not in statuses:
        wanted = " or ".join(humanize_code(status) for status in statuses)
        raise RefusedError(Code.NOT_NOW, f"The complaint is {humanize_code(c.status)}, not {wanted}.")
