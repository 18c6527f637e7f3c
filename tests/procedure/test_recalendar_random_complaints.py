"""Random complaints and calendars: dates agree with a count from the start (R14)."""

from collections import Counter
from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.procedure.acts import Recalendar
from complaints.procedure.complaint import DONE
from complaints.procedure.dates.allowance import DueInstant
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.dates.ledgers import ledgers_of
from complaints.procedure.directory_lookup import NOT_CHECKED
from complaints.procedure.enums import Code, DeadlineKind
from complaints.procedure.state import Answer, ComplaintState
from complaints.procedure.state_parts import Window
from tests.fixtures.random_complaints import FOS, FOUR_TIERS, RandomComplaint, random_complaints
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.procedure.slow_calendar import Slow
from tests.procedure.test_random_complaints import Lived

announced = st.lists(st.integers(-12, 15), min_size=2, max_size=9)
"""Days that become holidays, or none any more, so many days from today."""


def changed(calendar: WorkingCalendar, today: date, days: list[int]) -> WorkingCalendar:
    holidays = dict(calendar.holidays)
    for on in (today + timedelta(days=number) for number in days):
        if holidays.pop(on, None) is None:
            holidays[on] = "State funeral"
    return calendar.model_copy(update={"holidays": holidays, "version": f"{calendar.version}, {today} {days}"})


def first_days(state: ComplaintState) -> dict[int, date]:
    """Return by number the first day of each running deadline, by the slow count."""
    slow, days = Slow(state), dict[int, date]()
    for deadline in state.deadlines:
        tier = state.policy.tier(deadline.tier)
        if not deadline.is_running or not tier.reply:
            continue
        stay = next(stay for stay in reversed(state.tier_periods) if stay.tier == deadline.tier)
        within, day_0 = tier.reply.within, slow.local(stay.started_at)
        if deadline.kind is DeadlineKind.ACKNOWLEDGEMENT:
            assert tier.acknowledge_within
            within = tier.acknowledge_within
        elif tier.reply.counts_from == "acknowledgement":
            earlier = next(d for d in reversed(state.deadlines) if d.kind is DeadlineKind.ACKNOWLEDGEMENT)
            day_0 = days.get(earlier.number, min(earlier.due_on, slow.local(earlier.met_at or earlier.at)))
        days[deadline.number] = slow.after(day_0, within.working_days or 0)
    return days


def current_day(state: ComplaintState, deadline: Deadline, first: date) -> date:
    named = [random_act.to_on for random_act in deadline.moves if random_act.rule == "R5"]
    slow = Slow(state)
    return max(first, slow.after(named[-1] - timedelta(days=1), 1)) if named else first


def hold(before: ComplaintState, after: ComplaintState, now: datetime) -> None:
    slow = Slow(after)
    days = first_days(after)
    for was, deadline in zip(before.deadlines, after.deadlines, strict=True):
        if not was.is_running:
            assert deadline.model_copy(update={"skipped": was.skipped}) == was, "what has ended stays as it was"
            continue
        if deadline.number in days:
            assert deadline.first_on == days[deadline.number]
            assert deadline.due_on == current_day(after, deadline, deadline.first_on)
        assert deadline.has_passed == (deadline.at <= now)
        assert (deadline.first_at, deadline.at) == (slow.ends(deadline.first_on), slow.ends(deadline.due_on))
        assert deadline.chase_at is None or deadline.chase_at >= now
    assert ended_no_earlier(before.window, after.window)
    occasions = {event.detail["occasion"] for event in after.events[len(before.events) :] if event.kind == "alerted"}
    withdrawn = [event for event in after.events[len(before.events) :] if event.kind == "lapse_withdrawn"]
    assert ("not_late_after_all" in occasions) == bool(withdrawn)


def ended_no_earlier(was: Window | None, window: Window | None) -> bool:
    if was is None or window is None:
        return was is window
    if was.ends_at is None or window.ends_at is None:
        return was.ends_at is window.ends_at
    return window.ends_at >= was.ends_at and window.received_on >= was.received_on


def test_recalculated_dates_follow_the_new_calendar() -> None:
    """Check also that dates do move."""
    seen: Counter[str] = Counter()

    @settings(max_examples=40)
    @given(random_complaints(policies=(FOS, FOUR_TIERS), shortest=2, longest=8), announced)
    def recount(random_complaint: RandomComplaint, days: list[int]) -> None:
        lived = Lived(random_complaint)
        for number, random_act in enumerate(random_complaint.acts):
            lived.live_through([random_act.speed_up(3)])
            known = lived.complaint.state.sequence
            recount_once(lived, days[number % 2 :], f"announced {number}")
            seen.update(event.kind for event in lived.complaint.state.events if event.sequence > known)
        lived.wait_until(lived.now + timedelta(days=30))
        lived.hold()

    recount()
    assert seen["deadline_moved"], seen


def recount_once(lived: Lived, days: list[int], act_id: str) -> None:
    before = lived.complaint.state.model_copy(deep=True)
    ledgers = ledgers_of(lived.complaint)
    answer = announce(lived, changed(before.calendar, lived.now.date(), days), act_id)
    after = lived.complaint.state
    if answer.code == DONE and len(after.tier_periods) == len(before.tier_periods):
        hold(before, after, lived.now)
        ended = [number for number, deadline in enumerate(before.deadlines) if not deadline.is_running]
        again = ledgers_of(lived.complaint)
        assert [again[number] for number in ended] == [ledgers[number] for number in ended], "its ledger changed"


@settings(max_examples=15)
@given(random_complaints(policies=(FOS, FOUR_TIERS), shortest=1, longest=8), announced)
def test_recalculating_there_and_back_gives_the_same_dates(random_complaint: RandomComplaint, days: list[int]) -> None:
    lived = Lived(random_complaint)
    lived.live_through([random_act.speed_up(3) for random_act in random_complaint.acts])
    was = lived.complaint.state.calendar
    dates = running(lived)
    stays = len(lived.complaint.state.tier_periods)
    announce(lived, changed(was, lived.now.date(), days), "there")
    announce(lived, was, "back")
    if len(lived.complaint.state.tier_periods) == stays:
        assert running(lived) == dates


def announce(lived: Lived, calendar: WorkingCalendar, act_id: str) -> Answer:
    """To the complaint and to its twin; once more changes nothing."""
    act = Recalendar(id=act_id, by="op", calendar=calendar, reason="It was announced.")
    refusal = lived.complaint.may(act, lived.now, NOT_CHECKED)
    answer = lived.complaint.apply(act, lived.now, DIRECTORY_RESULT)
    assert (refusal is None) == (answer.code == DONE)
    assert lived.twin.apply(act, lived.now, DIRECTORY_RESULT) == answer
    assert lived.twin.state == lived.complaint.state
    again = act.model_copy(update={"id": f"{act_id} again"})
    refusal = lived.complaint.may(again, lived.now, NOT_CHECKED)
    assert refusal
    assert refusal.code is Code.ALREADY_DONE
    return answer


def running(lived: Lived) -> list[tuple[int, DueInstant, DueInstant]]:
    return [(d.number, d.first, d.due) for d in lived.complaint.state.deadlines if d.is_running]
