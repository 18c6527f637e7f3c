"""Views of a complaint, and transitions (R12)."""

from hypothesis import given, settings

from complaints.calendars.builder import further_years
from complaints.procedure.acts import Acknowledge, Classify, Escalate, Extend, Reply, Withdraw
from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.ledgers import ledgers_of
from complaints.procedure.enums import Code
from complaints.procedure.state import MAX_EVENTS_IN_STATE, ComplaintState
from complaints.procedure.views.views import (
    MAX_EVENTS_IN_TRANSITION,
    Transition,
    complaint_history_of,
    transition_since,
    view_of,
)
from tests.fixtures.marked import live_marked
from tests.fixtures.random_complaints import RandomComplaint, random_complaints
from tests.procedure.builders import ACTION, BY_HAND, FOS, MONDAY, at, day, opened


def test_a_view_shows_the_complaints_state() -> None:
    story = opened().at("2026-03-05 10:00")
    story.does(Acknowledge)
    view = view_of(story.complaint)
    assert (view.status, view.tier, view.holder, view.overdue) == ("awaiting_reply", "manager", "mark", False)
    assert (view.received_at, view.closed_at, view.window_ends_at) == (at(MONDAY), None, None)
    assert (view.next_due_at, view.next_due) == (
        at("2026-03-13 09:00"),
        "Manager: reminder that the reply is due Mon 16 Mar 2026",
    )
    assert view.deadlines[0].lapsed_at == at("2026-03-05 00:00")


def test_a_view_shows_when_and_why_the_complaint_closed() -> None:
    story = opened()
    story.does(Withdraw)
    view = view_of(story.complaint)
    assert (view.closed_at, view.closing_reason, view.next_due) == (at(MONDAY), "withdrawn", None)


def test_a_view_shows_the_windows_end_and_the_undertakings() -> None:
    story = opened().at("2026-03-04 10:00")
    story.does(Reply, remedies=[ACTION])
    view = view_of(story.complaint)
    assert view.window_ends_at == at("2026-04-05 00:00")
    assert [(promised.number, promised.by) for promised in view.undertakings] == [(1, day("2026-04-01"))]


def test_every_event_has_its_number_instant_kind_and_actor() -> None:
    story = opened()
    story.does(Acknowledge)
    events = complaint_history_of(story.complaint).events
    assert [event.sequence for event in events] == list(range(1, len(events) + 1))
    assert [(event.by, event.what) for event in events if event.kind == "acknowledge"] == [
        ("mark", "Manager: acknowledged")
    ]


def test_a_ledger_keeps_the_first_date_and_every_move() -> None:
    story = opened()
    story.does(Extend, to="2026-03-20")
    ledger = ledgers_of(story.complaint)[1]
    assert (ledger.deadline.first_on, ledger.deadline.due_on) == (day("2026-03-16"), day("2026-03-20"))
    assert [(move.rule, move.from_on, move.to_on) for move in ledger.moves] == [
        ("R5", day("2026-03-16"), day("2026-03-20"))
    ]
    assert ledger.days[-1].on == day("2026-03-20")
    assert (ledger.rule, ledger.allowance) == ("R4", "10 working days")


def test_a_transition_holds_the_events_since_the_last_one() -> None:
    story = opened()
    known = story.state.sequence
    story.does(Acknowledge)
    transition = transition_since(story.complaint, known)
    assert [event.sequence for event in transition.events] == list(range(known + 1, story.state.sequence + 1))
    assert transition.view(transition.recorded_state()) == view_of(story.complaint)
    assert not {"policy", "calendar", "events", "answers"} & set(transition.state)


@settings(max_examples=30)
@given(random_complaint=random_complaints(longest=8))
def test_a_transition_holds_all_that_the_record_needs_of_a_state(random_complaint: RandomComplaint) -> None:
    complaint = live_marked(random_complaint)
    sent = Transition.model_validate_json(transition_since(complaint, complaint.state.sequence - 1).model_dump_json())
    recorded = sent.recorded_state()
    kept = {"events": complaint.state.events, "answers": complaint.state.answers}
    state = ComplaintState(**dict(recorded), policy=sent.new_policy, calendar=sent.new_calendar, **kept)
    assert state == complaint.state
    assert sent.view(recorded) == view_of(complaint)
    assert sent.lean().recorded_state() == recorded


def test_a_transition_of_many_events_holds_the_first_part() -> None:
    story = opened(policy=BY_HAND)
    story.complaint.elapse(at("2026-03-02 14:00"))
    transition = transition_since(story.complaint, 0)
    assert len(transition.events) == transition.sequence == MAX_EVENTS_IN_TRANSITION


def test_a_transition_with_much_free_text_is_split() -> None:
    story = opened()
    for number in range(12):
        story.does(Classify, concern=1, aspect=("other_service", "delay")[number % 2], reason="€" * 10_000)
    given = 0
    while given < story.state.sequence:
        transition = transition_since(story.complaint, given)
        assert len(transition.model_dump_json()) < 1_000_000
        given = transition.sequence


def test_a_complaint_stays_small_enough_to_continue_as_new() -> None:
    story = opened(concerns=[{"aspect": "delay", "what_happened": "€" * 10_000}] * 13)
    for number in range(2 * MAX_EVENTS_IN_STATE):
        story.complaint.refuse("é" * 100, f"{number:04}" + "😀" * 96, Code.UNREADABLE, "é" * 300, story.now)
    story.complaint.discard_recorded(story.state.sequence)
    assert len(story.state.model_dump_json().encode()) < 2_000_000


def test_recorded_free_text_and_old_events_are_dropped() -> None:
    story = opened(policy=BY_HAND)
    story.complaint.elapse(at("2026-03-02 18:00"))
    last = story.state.sequence
    assert last > MAX_EVENTS_IN_STATE
    story.complaint.discard_recorded(last - 10)
    assert len(story.state.events) == MAX_EVENTS_IN_STATE
    assert not any(event.free_text for event in story.state.events)
    story.complaint.discard_recorded(5)
    assert len(story.state.events) == MAX_EVENTS_IN_STATE


def test_events_that_are_not_recorded_are_kept() -> None:
    story = opened()
    story.complaint.discard_recorded(0)
    assert story.events("opened")[0].free_text


def test_a_complaint_restored_from_json_continues_unchanged() -> None:
    story, twin = opened(), opened()
    for when in ("2026-03-05 10:00", "2026-03-24 10:00"):
        twin.complaint = Complaint(ComplaintState.model_validate_json(twin.state.model_dump_json()))
        for one in (story, twin):
            one.at(when).sends(Acknowledge)
            one.sends(Escalate)
    assert story.state == twin.state


def test_further_years_of_the_calendar_are_added_in_time_and_recorded() -> None:
    story = opened()
    due = story.complaint.calendar_due_at()
    assert due == at("2031-01-02 00:00")
    story.complaint.extend_calendar(further_years(FOS, story.state.calendar), due)
    assert story.events("calendar_extended")[0].detail["until"] == "2036-12-31"
    assert story.complaint.calendar_due_at() > due
