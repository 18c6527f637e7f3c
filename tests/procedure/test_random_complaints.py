"""Random acts in any order: no scheduled event is early, repeated or missed (R6, R11)."""

from collections import Counter
from datetime import datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings

from complaints.calendars.builder import calendar_for, further_years
from complaints.procedure.acts import Acknowledge, Act, Reply
from complaints.procedure.complaint import DONE, Complaint
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.dates.ledgers import ledgers_of
from complaints.procedure.enums import ClosingReason, Status
from complaints.procedure.state import ComplaintState, Event, Start
from complaints.procedure.views.views import complaint_history_of
from tests.fixtures.random_acts import RANDOM_ACT_TYPES, RandomAct, build_act
from tests.fixtures.random_complaints import FOS, RandomComplaint, random_complaints
from tests.fixtures.staff import DIRECTORY, DIRECTORY_RESULT
from tests.procedure.alerts_to_act import AlertsToAct
from tests.procedure.independent_model import happened, must_have_happened, windows_ended
from tests.procedure.letters_model import AutomaticLetters

RECORD = {"events", "answers", "sequence", "refusal_notices"}
EXAMPLES = settings().max_examples * 2
"""More than elsewhere: fewer do not reach nearly every kind of act."""


@cache
def calendar_from(year: int) -> WorkingCalendar:
    """Return a calendar of England and Wales, the region of all our policies."""
    noon = datetime.fromisoformat(f"{year}-03-01T12:00:00+00:00")
    return calendar_for(FOS, noon - timedelta(days=366), noon)


class Lived:
    """A complaint and its twin, which wakes often and is restored from JSON each time."""

    def __init__(self, random_complaint: RandomComplaint) -> None:
        self.life = random_complaint
        self.now = random_complaint.opened_at
        start = Start(
            form=random_complaint.form,
            policy=random_complaint.policy,
            calendar=calendar_from(self.now.year),
            opened_by="intake",
            form_digest="digest",
        )
        self.complaint = Complaint.open(start, self.now)
        self.twin = Complaint(_through_json(self.complaint.state))
        self.alerts = AlertsToAct()
        self.boundaries = [0]
        self.answer_directory()
        self._boundary()
        self.alerts.check(self.complaint.state)
        self.acts: list[Act] = []
        self.done: list[Act] = []
        self.statuses: set[Status] = set()

    def live(self) -> ComplaintState:
        self.live_through(self.life.acts)
        self.wait_until(self.now + self.life.longest_wait)
        self.hold()
        return self.complaint.state

    def live_through(self, moves: list[RandomAct]) -> None:
        for random_act in moves:
            following = self.complaint.next_due()
            self.wait_until(random_act.instant(self.now, following.at if following else None, self.life.longest_wait))
            self.take(random_act)
            self.hold()

    def wait_until(self, then: datetime) -> None:
        known = self.complaint.state.sequence
        self.complaint.elapse(then)
        assert_at_the_hour_of_notices(self.complaint, known)
        for step in range(1, 5):
            self.twin.elapse(self.now + (then - self.now) * step / 5)
        self.twin = Complaint(_through_json(self.twin.state))
        self.now = then
        self.twin.elapse(then)
        if self.complaint.calendar_due_at() <= then:
            further = further_years(self.life.policy, self.complaint.state.calendar)
            self.complaint.extend_calendar(further, then)
            self.twin.extend_calendar(further, then)
        self.answer_directory()
        self._boundary()
        self.alerts.check(self.complaint.state)
        assert self.twin.state == self.complaint.state

    def take(self, random_act: RandomAct) -> None:
        state = self.complaint.state
        if random_act.is_repeat and self.acts:
            act = self.acts[-1]
        else:
            act = build_act(random_act, f"act {len(self.acts) + 1}", state.status, state.tier_id, self.now)
        self.acts.append(act)
        before = state.model_dump()
        refusal = self.complaint.may(act, self.now, DIRECTORY_RESULT)
        assert state.model_dump() == before, "may changes nothing"
        known = state.answers.get(act.id)
        if refusal and not refusal.is_recorded and not known and random_act.signalled_ago is None:
            return
        answer = self.complaint.apply(act, self.now, DIRECTORY_RESULT)
        after = self.complaint.state.model_dump()
        if known:
            assert (answer, after) == (known, before), "a known id changes nothing"
        else:
            assert answer.code == (refusal.code if refusal else DONE), "may and apply agree"
            self.done += [] if refusal else [act]
        if refusal and not known:
            assert _but_record(after) == _but_record(before), "a refusal changes nothing"
            assert {event["kind"] for event in after["events"][len(before["events"]) :]} <= {
                "refused",
                "alerted",
                "letter",
            }
        assert self.complaint.apply(act, self.now, DIRECTORY_RESULT) == answer
        assert self.complaint.state.model_dump() == after, "the same id again changes nothing"
        assert self.twin.apply(act, self.now, DIRECTORY_RESULT) == answer
        assert self.twin.state == self.complaint.state
        self.answer_directory()
        self._boundary()
        self.alerts.check(self.complaint.state, by=act.by)

    def answer_directory(self) -> None:
        """Answer the complaint's query at once: who holds it, and whether they are available."""
        for complaint in (self.complaint, self.twin):
            if query := complaint.directory_query((), self.now):
                complaint.apply_directory_result(query, DIRECTORY.resolve(query), self.now)

    def hold(self) -> None:
        state = self.complaint.state
        self.statuses.add(state.status)
        assert [event.sequence for event in state.events] == list(range(1, state.sequence + 1))
        instants = [event.at for event in state.events]
        assert instants == sorted(instants), "instants never go backwards"
        assert instants[-1] <= self.now
        following = self.complaint.next_due()
        assert following is None or following.at > self.now, "nothing that is due is left"
        if state.status is Status.AWAITING_COMPLAINANT:
            assert state.window
            is_suspended = state.case.open or any(each.letter in state.held for each in state.window.letters)
            assert (state.window.ends_at is None) == is_suspended
            assert state.window.ends_at is None or state.window.ends_at > self.now
        if state.is_closed:
            assert not any(deadline.is_running for deadline in state.deadlines)
        complaint_history_of(self.complaint)
        ledgers_of(self.complaint)

    def _boundary(self) -> None:
        if self.complaint.state.sequence > self.boundaries[-1]:
            self.boundaries.append(self.complaint.state.sequence)


def _through_json(state: ComplaintState) -> ComplaintState:
    return ComplaintState.model_validate_json(state.model_dump_json())


def _but_record(dumped: dict[str, object]) -> dict[str, object]:
    return {field: value for field, value in dumped.items() if field not in RECORD}


def _of(state: ComplaintState, kind: str) -> list[Event]:
    return [event for event in state.events if event.kind == kind]


@pytest.mark.timeout(3600)
def test_no_scheduled_event_is_early_repeated_or_missed() -> None:
    """Check also that the examples reach every status and nearly every kind of event."""
    done: set[type[Act]] = set()
    statuses: set[Status] = set()
    reasons: set[ClosingReason] = set()
    letters: set[str] = set()

    @settings(max_examples=EXAMPLES)
    @given(random_complaints())
    def live(random_complaint: RandomComplaint) -> None:
        lived = Lived(random_complaint)
        state = lived.live()
        assert happened(state) == must_have_happened(state, lived.boundaries, lived.now)
        assert [event.at for event in _of(state, "window_ended")] == windows_ended(state)
        AutomaticLetters(state).check(lived.now)
        letters.update(event.detail["occasion"] for event in _of(state, "letter"))
        assert_alerted_once(lived)
        done.update(type(act) for act in lived.done)
        statuses.update(lived.statuses)
        reasons.update(closing.reason for closing in state.closings)

    live()
    assert statuses == set(Status)
    assert {"reply_late", "passed_on", "closed"} <= letters
    missing = {act.name for act in RANDOM_ACT_TYPES} - {act.name for act in done}
    assert len(missing) < 6, missing
    assert len(reasons) > len(ClosingReason) - 2


def assert_at_the_hour_of_notices(complaint: Complaint, known: int) -> None:
    """Check that letters after event `known`, which no act caused, go at the hour of notices."""
    state = complaint.state
    for event in complaint.events_after(known):
        if event.kind == "letter" and not state.policy.reminder_before.seconds:
            local = event.at.astimezone(ZoneInfo(state.policy.time_zone))
            assert local.time() == state.policy.notices_at
            assert local.isoweekday() < 6
            assert local.date() not in state.calendar.holidays


def assert_alerted_once(lived: Lived) -> None:
    """Check that every lapse alerts once, and every letter is recorded once."""
    state = lived.complaint.state
    lapses = Counter(_about(event) for event in _of(state, "lapsed"))
    overdue = [event for event in _of(state, "alerted") if event.detail["occasion"].endswith(("_lapsed", "_overdue"))]
    assert Counter(_about(event) for event in overdue) == lapses
    letters = Counter(event.detail["occasion"] for event in _of(state, "letter"))
    assert letters["more_time"] == len(_of(state, "extend"))
    for letter, kind in (("acknowledgement", Acknowledge), ("reply", Reply)):
        assert letters[letter] == sum(isinstance(act, kind) and act.sent_at is None for act in lived.done)


def _about(event: Event) -> tuple[int | None, int | None]:
    return event.detail.get("deadline"), event.detail.get("undertaking")
