"""The record foresees which complaints have a date that a changed calendar moves (R14)."""

from collections import Counter
from datetime import date, datetime
from typing import Any

from hypothesis import given, settings

from complaints.procedure.acts import Recalendar
from complaints.procedure.complaint import DONE, Complaint
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.state import ComplaintState
from complaints.procedure.views.affected_dates import affects_a_date
from complaints.procedure.views.date_preview import preview_dates
from complaints.procedure.views.views import view_of
from tests.fixtures.random_complaints import POLICIES, RandomComplaint, random_complaints
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.procedure.builders import opened
from tests.procedure.test_random_complaints import Lived
from tests.procedure.test_recalendar_random_complaints import announced, changed


def recorded(state: ComplaintState) -> ComplaintState:
    """Return the state as the record gives it: with its last event only, and without answers."""
    kept = ComplaintState.model_validate_json(state.model_dump_json(exclude={"events", "answers"}))
    kept.events = [state.events[-1].model_copy(deep=True)]
    return kept


def act_of(calendar: WorkingCalendar) -> Recalendar:
    return Recalendar(id="late", by="op", calendar=calendar, reason="It was announced.")


def promises(complaint: Complaint) -> list[Any]:
    """Return what people and Temporal wait for, as the views show it and the schedules yield it."""
    view = view_of(complaint)
    deadlines = [(d.first_on, d.first_at, d.due_on, d.at, d.lapsed_at) for d in view.deadlines]
    undertakings = [(u.by, u.by_at, u.lapsed_at) for u in complaint.state.undertakings]
    window = complaint.state.window and (complaint.state.window.received_on, complaint.state.window.ends_at)
    ahead = [event.at for event in complaint._scheduled_events()]
    return [deadlines, undertakings, window, ahead, complaint.retires_at(), view.next_due_at]


def test_the_record_foresees_whether_a_changed_calendar_moves_a_date() -> None:
    """Check both answers of the record against the complaint itself."""
    seen: Counter[bool] = Counter()

    @settings(max_examples=60)
    @given(random_complaints(policies=POLICIES, shortest=1, longest=8), announced)
    def foresee(random_complaint: RandomComplaint, days: list[int]) -> None:
        lived = Lived(random_complaint)
        for number, random_act in enumerate(random_complaint.acts):
            lived.live_through([random_act.speed_up(3)])
            check(lived.complaint, lived.now, days[number % len(days) :][:2], seen)

    foresee()
    assert min(seen[True], seen[False]) > 10, seen


def check(complaint: Complaint, now: datetime, days: list[int], seen: Counter[bool]) -> None:
    act = act_of(changed(complaint.state.calendar, now.date(), days))
    tried = Complaint(complaint.state.model_copy(deep=True))
    tried.elapse(now)
    before = promises(tried)
    if tried.apply(act, now, DIRECTORY_RESULT).code != DONE:
        return
    affected = affects_a_date(recorded(complaint.state), act, now)
    assert preview_dates(recorded(complaint.state), act, now).affected == affected
    if promises(tried) != before:
        assert affected, "a date that people wait for moves"
    if affected:
        kinds = {event.kind for event in tried.state.events if event.sequence > complaint.state.sequence}
        assert promises(tried) != before or kinds > {"recalendar"}, "nothing of it can be seen"
    seen[affected] += 1


def test_a_holiday_after_every_date_of_a_complaint_affects_none() -> None:
    lived = opened()
    state, now = lived.complaint.state, lived.now
    in_time, after = state.deadlines[-1].due_on, date(state.deadlines[-1].due_on.year + 1, 3, 4)
    for day, affected in ((in_time, True), (after, False)):
        calendar = state.calendar.model_copy(
            update={"version": f"with {day}", "holidays": state.calendar.holidays | {day: "Funeral"}}
        )
        assert affects_a_date(recorded(state), act_of(calendar), now) is affected


def test_an_act_that_would_be_refused_counts_as_one_that_affects() -> None:
    lived = opened()
    same = act_of(lived.complaint.state.calendar)
    assert affects_a_date(recorded(lived.complaint.state), same, lived.now)
