"""A complaint: what may be done, what follows from it, and what falls due when. Pure; time is an argument."""

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any, Self

from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.dates.calendar import BeyondCalendarError, WorkingCalendar
from complaints.procedure.directory_lookup import DirectoryQuery, DirectoryResult
from complaints.procedure.enums import Code, EventKind
from complaints.procedure.refusals import Refusal, RefusedError
from complaints.procedure.state import MAX_EVENTS_IN_STATE, Answer, ComplaintState, Event, Start
from complaints.procedure.state_parts import CaseState
from complaints.procedure.steps import (
    admission,
    assessor,
    case_handler,
    case_state,
    closing,
    deadline_rules,
    escalation,
    extension,
    holder,
    letter_outcomes,
    recalculation,
    tier,
    undertakings,
    window,
)
from complaints.procedure.steps.authorization import check_independence, check_permission, staff_ids_to_check
from complaints.procedure.steps.rules import Effect, ScheduledEvent

DONE = "done"
CALENDAR_AHEAD = timedelta(days=2 * 365)
"""How far ahead the calendar always reaches; further years are fetched in time."""

Rule = Callable[[ComplaintState, Any, datetime], Effect]

RULES: dict[type[Act], Rule] = {
    acts.Acknowledge: tier.acknowledge,
    acts.Reply: tier.reply,
    acts.Extend: extension.extend,
    acts.Escalate: escalation.escalate,
    acts.AcceptLate: escalation.accept_late,
    acts.Classify: admission.classify,
    acts.Resolve: closing.resolve,
    acts.Withdraw: closing.withdraw,
    acts.Reassign: holder.reassign,
    acts.CaseClosed: case_state.case_closed,
    acts.CaseReopened: case_state.case_reopened,
    acts.AskManager: case_handler.ask_manager,
    acts.Settle: case_handler.settle,
    acts.AcceptReview: assessor.accept_review,
    acts.DeclineReview: assessor.decline_review,
    acts.GiveOpinion: assessor.give_opinion,
    acts.AnswerRecommendation: assessor.answer_recommendation,
    acts.CarryOut: undertakings.carry_out,
    acts.CloseInError: closing.close_in_error,
    acts.LetterHeld: letter_outcomes.letter_held,
    acts.LetterSent: letter_outcomes.letter_sent,
    acts.Recalendar: recalculation.recalendar,
    acts.ChangePolicy: recalculation.change_policy,
}

HAPPENINGS = (
    deadline_rules.scheduled_events,
    tier.scheduled_events,
    window.scheduled_events,
    case_handler.scheduled_events,
    assessor.scheduled_events,
    undertakings.scheduled_events,
)


def _decide(state: ComplaintState, act: Act, now: datetime, found: DirectoryResult | None) -> Effect:
    """What the act would do. Raises RefusedError.

    A validator cannot ask the directory. So what the complaint itself refuses without a trace is refused so whoever
    acts, and both doors give the same answer; but a refusal that would leave more, a stranger does not get.
    """
    check_independence(state, act, now)
    try:
        effect = RULES[type(act)](state, act, now)
    except BeyondCalendarError as error:
        raise RefusedError(Code.BEYOND_CALENDAR, f"Too far ahead: {error}.") from error
    except RefusedError as error:
        if error.refusal.is_recorded:
            check_permission(state, act, now, found)
        raise
    check_permission(state, act, now, found)
    return effect


def _refusal(state: ComplaintState, act: Act, now: datetime, found: DirectoryResult | None) -> Refusal | None:
    try:
        _decide(state, act, now, found)
    except RefusedError as error:
        return error.refusal
    return None


class Complaint:
    """One complaint, from its form to its end."""

    def __init__(self, state: ComplaintState) -> None:
        self.state = state

    @classmethod
    def open(cls, start: Start, now: datetime) -> Self:
        """A complaint comes in. Raises BeyondCalendarError if the calendar does not reach its deadlines."""
        state = ComplaintState(
            form=start.form,
            policy=start.policy,
            calendar=start.calendar,
            opened_at=now,
            form_digest=start.form_digest,
            aspects=[concern.aspect for concern in start.form.concerns],
            case=CaseState(open=start.form.case.open, recorded_at=now),
        )
        admission.open_complaint(state, start.opened_by)
        complaint = cls(state)
        complaint.elapse(now)
        return complaint

    def may(self, act: Act, now: datetime, found: DirectoryResult | None = None) -> Refusal | None:
        """Why the act may not be done now; None if it may. Changes nothing.

        Without what the directory has `found`, the actor counts as known and active, in whatever role it takes.
        """
        return _refusal(self._state_at(now), act, now, found)

    def allowed_acts(self, tried: Iterable[Act], now: datetime, found: DirectoryResult | None = None) -> list[Act]:
        """Those of the acts that may be done now, each by itself. Changes nothing."""
        state = self._state_at(now)
        return [act for act in tried if _refusal(state, act, now, found) is None]

    def directory_query(self, waiting: Iterable[Act], now: datetime) -> DirectoryQuery | None:
        """What the directory is to be asked, so that the acts may be applied, and a holder found; None: nothing."""
        return holder.directory_query(self.state, (staff for act in waiting for staff in staff_ids_to_check(act)), now)

    def apply_directory_result(self, asked: DirectoryQuery, found: DirectoryResult, now: datetime) -> None:
        """What the directory has found, besides whoever may act: a holder, and whether the holder is there."""
        self.elapse(now)
        holder.apply_directory_result(self.state, asked, found, now)

    def apply(self, act: Act, now: datetime, found: DirectoryResult | None) -> Answer:
        """Do the act, or put its refusal on the record. An act whose id is known has no further effect (R11).

        `found`: what the directory says of whoever acts; None, as for `may`, where it is only tried on a copy.
        """
        if known := self.state.answers.get(act.id):
            return known
        self.elapse(now)
        try:
            effect = _decide(self.state, act, now, found)
        except RefusedError as error:
            return self._refuse(act.name, act.id, act.by, error.refusal, now)
        effect()
        self.elapse(now)
        return self._keep(self._answer(act.name, act.id, DONE, self._last(act.name).what))

    def refuse(self, name: str, act_id: str | None, code: Code, sentence: str, now: datetime) -> Answer:
        """Put on the record that something came which is no act at all."""
        self.elapse(now)
        return self._refuse(name, act_id, None, Refusal(code=code, sentence=sentence), now)

    def elapse(self, now: datetime) -> None:
        """Let all that has fallen due by `now` happen, in order, each at its own instant."""
        while (happening := self.next_due()) and happening.at <= now:
            happening.fire(max(happening.at, self._latest))

    def next_due(self) -> ScheduledEvent | None:
        """What next happens by itself, and when (R12)."""
        return min(self._scheduled_events(), key=lambda happening: (happening.at, happening.priority), default=None)

    def calendar_due_at(self) -> datetime:
        """When the holidays of further years are to be fetched, well before a date could need them."""
        return self.state.calendar.end_of(self.state.calendar.last) - CALENDAR_AHEAD

    def extend_calendar(self, further: WorkingCalendar, now: datetime) -> None:
        """Take in the holidays of further years; what is known already stays (R14)."""
        self.elapse(now)
        self.state.calendar = self.state.calendar.extended(further)
        until = self.state.calendar.last
        what = f"calendar known until {until}"
        self.state.note(EventKind.CALENDAR_EXTENDED, now, None, what, {"until": until, "version": further.version})

    def retires_at(self) -> datetime | None:
        """When the closed complaint needs no workflow any more (R13); None: not yet known."""
        return closing.retires_at(self.state)

    def events_after(self, sequence: int) -> list[Event]:
        """What has happened since, in order: every event must have been recorded before it may be let go."""
        return [event for event in self.state.events if event.sequence > sequence]

    def discard_recorded(self, sequence: int) -> None:
        """The record has all events up to `sequence`: people's words need not travel on, nor old events."""
        for event in self.state.events:
            if event.sequence <= sequence:
                event.free_text = {}
        surplus = len(self.state.events) - MAX_EVENTS_IN_STATE
        while surplus > 0 and self.state.events[0].sequence <= sequence:
            del self.state.events[0]
            surplus -= 1

    @property
    def _latest(self) -> datetime:
        """What was due before something was set, as by a letter opened late, happens when it was set."""
        return self.state.events[-1].at

    def _state_at(self, now: datetime) -> ComplaintState:
        """The state once all that is due by `now` has happened; a copy, if anything is."""
        following = self.next_due()
        if following is None or following.at > now:
            return self.state
        complaint = Complaint(self.state.model_copy(deep=True))
        complaint.elapse(now)
        return complaint.state

    def _scheduled_events(self) -> Iterator[ScheduledEvent]:
        for step in HAPPENINGS:
            yield from step(self.state)

    def _refuse(self, name: str, act_id: str | None, by: str | None, refusal: Refusal, now: datetime) -> Answer:
        detail = {"act": name, "id": act_id, "code": refusal.code}
        self.state.note(EventKind.REFUSED, now, by, f"{name} refused: {refusal.sentence}", detail)
        consequence = refusal.consequence
        if consequence and consequence.alert:
            here = self.state.tier or self.state.policy.tiers[0]
            to = [*consequence.recipients] or self.state.leads(here.id)
            self.state.alert(consequence.alert, now, to, refusal.sentence, act=name, by=by)
        if consequence and consequence.letter:
            self.state.letter(consequence.letter, now, refusal.sentence, **consequence.letter_detail)
        return self._keep(self._answer(name, act_id or "", refusal.code, refusal.sentence))

    def _last(self, kind: str) -> Event:
        return next(event for event in reversed(self.state.events) if event.kind == kind)

    def _answer(self, name: str, act_id: str, code: str, sentence: str) -> Answer:
        following = self.next_due()
        return Answer(
            id=act_id,
            act=name,
            reference=self.state.reference,
            code=code,
            sentence=sentence,
            status=self.state.status,
            tier=self.state.tier_id,
            holder=self.state.holder,
            next_due_at=following.at if following else None,
        )

    def _keep(self, answer: Answer) -> Answer:
        if answer.id:
            self.state.answers[answer.id] = answer
            while len(self.state.answers) > MAX_EVENTS_IN_STATE:
                del self.state.answers[next(iter(self.state.answers))]
        return answer
