"""One complaint: the entry point to the procedure. No clock, no I/O; time is an argument.

`open` starts a complaint from its form. `may` says why an act would be refused, and changes nothing.
`apply` does an act, or records its refusal. `elapse` fires every scheduled event that is due.
`next_due` returns the next scheduled event. `steps/rule_table.py` maps each act to its rule.
"""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Self

from complaints.procedure.acts import ACT_NAMES, Act, KeyedAct
from complaints.procedure.dates.calendar import BeyondCalendarError, WorkingCalendar
from complaints.procedure.directory_lookup import DirectoryQuery, DirectoryResult, NotChecked
from complaints.procedure.enums import Alert, Code, EventKind, humanize_code
from complaints.procedure.refusals import Consequence, Refusal, RefusedError
from complaints.procedure.state import MAX_EVENTS_IN_STATE, Answer, ComplaintState, Event, Start
from complaints.procedure.state_parts import CaseClosing, CaseState
from complaints.procedure.steps import admission, closing, holder
from complaints.procedure.steps.authorization import (
    bypassed_holder,
    check_independence,
    check_permission,
    is_known,
    staff_ids_to_check,
)
from complaints.procedure.steps.letters.delivery_reports import reported_letter
from complaints.procedure.steps.rule_table import RULES, SCHEDULES
from complaints.procedure.steps.rules import Effect, ScheduledEvent

DONE = "done"
UNKNOWN_ACT = "unknown"
"""Replaces, in a recorded refusal, a name that is no act's."""
ON_BEHALF_OF = "on_behalf_of"
"""In the detail of a keyed act's event: for which colleague or system the actor keyed it."""
CALENDAR_AHEAD = timedelta(days=2 * 365)
"""The calendar always reaches at least this far ahead; further years are fetched before it ends."""


def _decide(state: ComplaintState, act: Act, now: datetime, directory: DirectoryResult | NotChecked) -> Effect:
    """Check the act and return its effect. Raises RefusedError.

    Check the act's rule before the actor's permission, so that an update (whose validator cannot query the
    directory) and a signal get the same refusal. Exception: if the refusal would be recorded, sent as a letter
    or alerted, a refusal of permission takes precedence.
    """
    check_independence(state, act, now)
    try:
        effect = RULES[type(act)](state, act, now)
    except BeyondCalendarError as error:
        raise RefusedError(Code.BEYOND_CALENDAR, f"Too far ahead: {error}.") from error
    except RefusedError as error:
        if error.refusal.is_recorded:
            check_permission(state, act, now, directory)
        raise
    check_permission(state, act, now, directory)
    return effect


def _find_refusal(
    state: ComplaintState, act: Act, now: datetime, directory: DirectoryResult | NotChecked
) -> Refusal | None:
    try:
        _decide(state, act, now, directory)
    except RefusedError as error:
        return error.refusal
    return None


class Complaint:
    """One complaint, from its form to its end; wraps its ComplaintState."""

    def __init__(self, state: ComplaintState) -> None:
        self.state = state

    @classmethod
    def open(cls, start: Start, now: datetime) -> Self:
        """Start a complaint. Raises BeyondCalendarError if the calendar ends before its deadlines."""
        state = ComplaintState(
            form=start.form,
            policy=start.policy,
            calendar=start.calendar,
            opened_at=now,
            form_digest=start.form_digest,
            words_salt=start.words_salt,
            aspects=[concern.aspect for concern in start.form.concerns],
            case=CaseState(closings=[] if start.form.case.open else [CaseClosing(on=None, learned_at=now)]),
        )
        admission.open_complaint(state, start.opened_by)
        complaint = cls(state)
        complaint.elapse(now)
        return complaint

    def may(self, act: Act, now: datetime, directory: DirectoryResult | NotChecked) -> Refusal | None:
        """Return why the act would be refused now, or None. Changes nothing.

        `directory`: the directory's answer about the actor. NOT_CHECKED: assume that the actor has the required role.
        """
        return self.taken_id(act) or _find_refusal(self._state_at(now), act, now, directory)

    def allowed_acts(
        self, candidates: Iterable[Act], now: datetime, directory: DirectoryResult | NotChecked
    ) -> list[Act]:
        """Return the candidates that would each be accepted now. Changes nothing."""
        state = self._state_at(now)
        return [act for act in candidates if _find_refusal(state, act, now, directory) is None]

    def directory_query(self, pending: Iterable[Act], now: datetime) -> DirectoryQuery | None:
        """Return what to look up before the pending acts are applied; None: nothing.

        That is the authority of each actor, a holder for a tier without one, whether a holder is available, and
        what became of letters of which the product itself reports.
        """
        acts = list(pending)
        staff_ids = (staff for act in acts for staff in staff_ids_to_check(act))
        letters = (letter for act in acts if (letter := reported_letter(act)) is not None)
        return holder.directory_query(self.state, staff_ids, letters, now)

    def apply_directory_result(self, query: DirectoryQuery, result: DirectoryResult, now: datetime) -> None:
        """Assign the holder that the directory chose; alert the lead if the holder is away.

        A complaint keyed late lapses after that, so that its holder hears of the lapse (R6).
        """
        self.elapse(now)
        holder.apply_directory_result(self.state, query, result, now)
        self.elapse(now)

    def apply(self, act: Act, now: datetime, directory: DirectoryResult | NotChecked) -> Answer:
        """Do the act, or record its refusal. A repeat changes nothing, and gets its answer (R11).

        `directory`: the directory's answer about the actor. NOT_CHECKED, as in `may`, is only for copies.
        """
        if taken := self.taken_id(act):
            self.elapse(now)
            return self._record_refusal(act.name, act.id, act.by, taken, now, is_known=is_known(act.by, directory))
        if earlier := self.state.answers.get(act.id):
            return earlier
        self.elapse(now)
        try:
            effect = _decide(self.state, act, now, directory)
        except RefusedError as error:
            known = is_known(act.by, directory)
            answer = self._record_refusal(act.name, act.id, act.by, error.refusal, now, is_known=known)
        else:
            bypassed = bypassed_holder(self.state, act, now)
            if holder.takes_by_acting(self.state, act, directory):
                self.state.record_act_at_tier(act.by, now)
            effect()
            done = self._last_event(act.name)
            if isinstance(act, KeyedAct) and act.on_behalf_of:
                done.detail[ON_BEHALF_OF] = act.on_behalf_of
                done.what = f"{done.what}, for {act.on_behalf_of}"
                self.state.relink(done.sequence - 1)
            sentence = done.what
            if bypassed:
                self.state.alert(Alert.ACTED_FOR_HOLDER, now, [f"staff:{bypassed}"], sentence, act=act.name, by=act.by)
                sentence = f"{sentence}; {bypassed} holds the complaint and gets an alert"
            self.elapse(now)
            answer = self._answer(act.name, act.id, DONE, sentence)
        self.state.answers.add(answer, act.content_digest, self.state.sequence)
        return answer

    def taken_id(self, act: Act) -> Refusal | None:
        """Return the refusal of an act whose id belongs to an act with other content (R11)."""
        if not self.state.answers.has_other_content(act):
            return None
        earlier = self.state.answers.get(act.id)
        assert earlier is not None, "the id is known"
        used = f"it belongs to {earlier.act}" if earlier.act != act.name else "it belongs to one with other content"
        return Refusal(code=Code.ID_TAKEN, sentence=f"id: {used}; give each act an id of its own.")

    def refuse(self, name: str, act_id: str | None, code: Code, sentence: str, now: datetime) -> Answer:
        """Record the refusal of input that is no valid act."""
        self.elapse(now)
        return self._record_refusal(name, act_id, None, Refusal(code=code, sentence=sentence), now, is_known=False)

    def elapse(self, now: datetime) -> None:
        """Fire every scheduled event due by `now`, in order, each at its own instant."""
        while (event := self.next_due()) and event.at <= now:
            event.fire(max(event.at, self._last_event_at))

    def next_due(self) -> ScheduledEvent | None:
        """Return the next scheduled event, or None (R12)."""
        return min(self._scheduled_events(), key=lambda event: (event.at, event.priority), default=None)

    def calendar_due_at(self) -> datetime:
        """Return when to fetch the holidays of further years, well before a date could need them."""
        return self.state.calendar.end_of(self.state.calendar.last) - CALENDAR_AHEAD

    def extend_calendar(self, further: WorkingCalendar, now: datetime) -> None:
        """Add the holidays of further years. Days that the calendar covers do not change (R14)."""
        self.elapse(now)
        self.state.calendar = self.state.calendar.extended(further)
        until = self.state.calendar.last
        what = f"calendar known until {until}"
        self.state.note(EventKind.CALENDAR_EXTENDED, now, None, what, {"until": until, "version": further.version})

    def revive(self, recorded: int, now: datetime) -> None:
        """Go on from the record's state, first with everything that fell due meanwhile.

        `recorded`: the last event on the record. Later events that the state knows are lost.
        """
        known = self.state.sequence
        self.elapse(now)
        detail = {"after": recorded}
        what = f"the workflow was started again from the record, after event {recorded}"
        if known > recorded:
            detail["lost_until"] = known
            what = f"{what}; the events until {known} were never recorded"
        self.state.note(EventKind.REVIVED, now, None, what, detail)

    def retires_at(self) -> datetime | None:
        """Return when the closed complaint no longer needs a workflow (R13); None: not yet known."""
        return closing.retires_at(self.state)

    def events_after(self, sequence: int) -> list[Event]:
        """Return the events after `sequence`, in order."""
        return [event for event in self.state.events if event.sequence > sequence]

    def discard_recorded(self, sequence: int) -> None:
        """Drop free text, old events and answers, up to `sequence`: the record has them."""
        for event in self.state.events:
            if event.sequence <= sequence:
                event.free_text = {}
        surplus = len(self.state.events) - MAX_EVENTS_IN_STATE
        while surplus > 0 and self.state.events[0].sequence <= sequence:
            del self.state.events[0]
            surplus -= 1
        self.state.answers.page_recorded(sequence)

    @property
    def _last_event_at(self) -> datetime:
        """The last event's instant; no later event gets an earlier one."""
        return self.state.events[-1].at

    def _state_at(self, now: datetime) -> ComplaintState:
        """Return the state after every scheduled event due by `now`; a copy if any is due."""
        event = self.next_due()
        if event is None or event.at > now:
            return self.state
        complaint = Complaint(self.state.model_copy(deep=True))
        complaint.elapse(now)
        return complaint.state

    def _scheduled_events(self) -> Iterator[ScheduledEvent]:
        for schedule in SCHEDULES:
            yield from schedule(self.state)

    def _record_refusal(
        self, name: str, act_id: str | None, by: str | None, refusal: Refusal, now: datetime, *, is_known: bool
    ) -> Answer:
        """Record a refusal; its id, an unknown name or actor, and its sentence are free text."""
        act, actor = name if name in ACT_NAMES else UNKNOWN_ACT, by if is_known else None
        subject = act if act == name else "a signal"
        what = f"{subject}{f' by {actor}' if actor else ''} refused: {humanize_code(refusal.code)}"
        chosen = {"act": None if act == name else name, "by": None if is_known else by, "id": act_id}
        detail = {"act": act, "code": refusal.code}
        self.state.note(EventKind.REFUSED, now, actor, what, detail, {**chosen, "sentence": refusal.sentence})
        if refusal.consequence:
            self._notify_of_refusal(refusal.code, refusal.consequence, now, what, act, actor)
        return self._answer(name, act_id or "", refusal.code, refusal.sentence)

    def _notify_of_refusal(
        self, code: Code, consequence: Consequence, now: datetime, what: str, act: str, actor: str | None
    ) -> None:
        """Send the refusal's alert and letter, each once a day for the same reason (R11).

        An alert about who may act goes once a day for each actor. The act's fields do not make it another notice,
        as its sender may choose them differently each time.
        """
        today, sent = self.state.calendar.day_of(now), self.state.refusal_notices
        if alert := consequence.alert:
            here = self.state.tier or self.state.policy.tiers[0]
            to = [*consequence.recipients] or self.state.leads(here.id)
            about = [actor or ""] if alert is Alert.WHO_MAY_ACT else []
            if sent.add(today, alert, code, *about, *to):
                self.state.alert(alert, now, to, what, act=act, by=actor)
        if (letter := consequence.letter) and sent.add(today, letter, code):
            self.state.letter(letter, now, what, **consequence.letter_detail)

    def _last_event(self, kind: str) -> Event:
        return next(event for event in reversed(self.state.events) if event.kind == kind)

    def _answer(self, name: str, act_id: str, code: str, sentence: str) -> Answer:
        event, due = self.next_due(), self.state.first_due
        return Answer(
            id=act_id,
            act=name,
            reference=self.state.reference,
            code=code,
            sentence=sentence,
            status=self.state.status,
            tier=self.state.tier_id,
            holder=self.state.holder,
            next_due_at=event.at if event else None,
            due=due.what if due else None,
            due_on=due.on if due else None,
            due_at=due.at if due else None,
            needs=self.state.form.complainant.needs.kinds,
        )
