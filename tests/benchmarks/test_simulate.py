"""The simulated year counts what the procedure does, once, and computes workers from it."""

from collections import Counter
from datetime import UTC, date, datetime, time
from itertools import islice

import pytest
from temporalio.api.enums.v1 import EventType

from benchmarks.histories import OF_VIRTUAL_TIME, stories, transitions
from benchmarks.simulate import __main__ as command
from benchmarks.simulate.arrivals import (
    STAFF_HOURS,
    arrivals_by_day,
    days_between,
    follows_holiday,
    instant_in_day,
    share_of_day,
)
from benchmarks.simulate.capacity import (
    LAPSE_WITHIN,
    Costs,
    Peak,
    complaint_workers,
    delivery_workers,
    late_lapses,
    peaks,
    running_by_day,
    scaled,
)
from benchmarks.simulate.load import Load, Size, calendar_of, simulate, simulate_days
from benchmarks.simulate.report import hours_of_days, kinds_of_day
from benchmarks.simulate.staffed_life import Kind, StaffedLife
from complaints.policies.loader import load_policy
from complaints.procedure.dates.calendar import WorkingCalendar, zone
from worker.replay.history_files import read_history

SMALL = Size(complaints=100_000, sample=1, earlier_days=30)
COSTS = Costs(opening=40, act=50, timer=30, delivery=25)
LONDON = zone("Europe/London")
LIVES = 40
TASK, ACTIVITY = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED, EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
TIMER = EventType.EVENT_TYPE_TIMER_FIRED


@pytest.fixture(scope="module")
def calendar() -> WorkingCalendar:
    return calendar_of(SMALL.year)


@pytest.fixture(scope="module")
def load() -> Load:
    return simulate(SMALL, processes=1)


@pytest.fixture(scope="module")
def lives(calendar: WorkingCalendar) -> list[StaffedLife]:
    begin = datetime(2027, 3, 1, tzinfo=UTC)
    return [StaffedLife(f"life-{number}", begin, load_policy(), calendar) for number in range(LIVES)]


def test_the_arrivals_of_a_year_sum_to_the_complaints(calendar: WorkingCalendar) -> None:
    arrivals = arrivals_by_day(calendar, 2027, 1_000_003, SMALL.earlier_days)
    assert sum(number for day, number in arrivals.items() if day.year == 2027) == 1_000_003
    assert min(arrivals) < date(2026, 12, 31)


def test_more_complaints_arrive_after_a_bank_holiday_and_fewer_on_days_off(calendar: WorkingCalendar) -> None:
    arrivals = arrivals_by_day(calendar, 2027, 1_000_000, SMALL.earlier_days)
    assert follows_holiday(calendar, date(2027, 3, 30))
    assert not follows_holiday(calendar, date(2027, 3, 31))
    assert arrivals[date(2027, 3, 30)] > arrivals[date(2027, 4, 6)] > arrivals[date(2027, 3, 29)]


def test_an_instant_of_a_day_is_at_its_share_of_the_day(calendar: WorkingCalendar) -> None:
    for share in (0.0, 0.25, 0.5, 0.999):
        at = instant_in_day(calendar, date(2027, 6, 1), STAFF_HOURS, share)
        assert share_of_day(calendar, at, STAFF_HOURS) == pytest.approx(share, abs=0.001)


def test_every_event_of_a_life_is_in_one_transition(lives: list[StaffedLife]) -> None:
    for life in lives:
        transitions = list(life.transitions(life.retire()))
        assert sum(each.events for each in transitions) == life.complaint.state.sequence
        assert [each.kind for each in transitions].count(Kind.OPENING) == 1
        assert transitions[-1].kind is Kind.RETIREMENT
        assert [each.at for each in transitions] == sorted({each.at for each in transitions})


def test_staff_act_in_working_hours_of_working_days(lives: list[StaffedLife], calendar: WorkingCalendar) -> None:
    for life in lives:
        life.retire()
        acts = [event for event in life.complaint.state.events if event.by and "." in event.by]
        for event in acts:
            local = event.at.astimezone(LONDON)
            assert calendar.is_working_day(local.date())
            assert 9 <= local.hour < 18


def test_openings_weigh_to_the_complaints_of_the_year(load: Load) -> None:
    assert load.total().openings == pytest.approx(SMALL.complaints)
    assert load.lives == SMALL.earlier_days + 365


def test_the_same_seed_gives_the_same_load_and_another_one_another() -> None:
    days = [(date(2027, 5, 4), 300)]
    assert simulate_days((SMALL, days)) == simulate_days((SMALL, days))
    assert simulate_days((SMALL, days)) != simulate_days((SMALL._replace(seed="another"), days))


def test_every_complaint_is_simulated_where_no_sample_is_asked_for() -> None:
    assert simulate_days((SMALL._replace(sample=None), [(date(2027, 5, 4), 3)])).lives == 3


def test_timers_fire_at_the_end_of_a_day_or_at_the_hour_of_notices(load: Load) -> None:
    clocks = {at.astimezone(LONDON).time() for at in load.timers}
    assert clocks == {time(0), time(9)}


def test_another_hour_of_notices_moves_the_notices() -> None:
    early = simulate_days((SMALL._replace(notices_at=time(7), sample=5), [(date(2027, 5, 4), 300)]))
    assert {at.astimezone(LONDON).time() for at in early.timers} == {time(0), time(7)}


def test_no_notice_is_given_on_a_day_off(load: Load, calendar: WorkingCalendar) -> None:
    mornings = [at.astimezone(LONDON) for at in load.timers if at.astimezone(LONDON).hour]
    assert all(calendar.is_working_day(each.date()) for each in mornings)
    days_off = kinds_of_day(calendar, SMALL.year)[-1]
    assert load.mean_of(hours_of_days(calendar, days_off.days, 9)).timers == 0


def test_lapses_follow_working_days_only(load: Load, calendar: WorkingCalendar) -> None:
    ends = [at.astimezone(LONDON) for at, lapses in load.lapses.items() if lapses]
    assert ends
    assert all(calendar.is_working_day(date.fromordinal(each.toordinal() - 1)) for each in ends)


def test_nine_o_clock_after_a_bank_holiday_exceeds_a_plain_days(load: Load, calendar: WorkingCalendar) -> None:
    plain, _, after, _ = (
        load.mean_of(hours_of_days(calendar, kind.days, 9)).timers for kind in kinds_of_day(calendar, SMALL.year)
    )
    assert after > 1.5 * plain


def test_each_day_of_the_year_is_of_one_kind(calendar: WorkingCalendar) -> None:
    days = [day for kind in kinds_of_day(calendar, 2027) for day in kind.days]
    assert sorted(days) == list(days_between(date(2027, 1, 1), date(2027, 12, 31)))


def test_closed_complaints_run_on_until_they_retire(load: Load) -> None:
    is_open, runs = dict(running_by_day(load, load.closed)), dict(running_by_day(load, load.retired))
    for day in days_between(date(2027, 1, 1), date(2027, 12, 31)):
        assert 0 < is_open[day] <= runs[day]
    assert runs[date(2027, 12, 31)] > 3 * is_open[date(2027, 12, 31)]


def peak(timers: float, lapses: float) -> Peak:
    return Peak(datetime(2027, 5, 4, tzinfo=UTC), timers, lapses, messages=0, acts_per_second=0, other_cores=0)


def test_a_peak_that_takes_twice_as_long_as_promised_makes_half_of_its_lapses_late() -> None:
    in_time = peak(timers=LAPSE_WITHIN * 1_000 / COSTS.timer, lapses=10)
    assert late_lapses([in_time], 1, COSTS) == 0
    assert late_lapses([in_time._replace(timers=2 * in_time.timers)], 1, COSTS) == pytest.approx(0.5)
    assert late_lapses([in_time._replace(timers=2 * in_time.timers)], 2, COSTS) == 0


def test_more_complaints_take_more_workers(load: Load) -> None:
    few, many = complaint_workers(load, COSTS), complaint_workers(scaled(load, 20), COSTS)
    assert all(more.workers >= less.workers for more, less in zip(many, few, strict=True))
    assert max(each.workers for each in many) > max(each.workers for each in few)
    assert delivery_workers(scaled(load, 20), COSTS)[0].workers > 1


def test_the_largest_peak_comes_first(load: Load) -> None:
    found = peaks(load, COSTS)
    assert found[0].timers == max(load.timers.values())
    assert found[0].drained_in(8, COSTS) < found[0].drained_in(4, COSTS)


def test_a_transition_has_the_workflow_tasks_and_recordings_of_recorded_stories() -> None:
    found: dict[bool, Counter[tuple[int, int]]] = {True: Counter(), False: Counter()}
    for file in stories():
        history = read_history(file)
        events = iter([event.event_type for event in history.events if event.event_type not in OF_VIRTUAL_TIME])
        for size in transitions(history):
            part = list(islice(events, size))
            found[part[0] == TIMER][part.count(TASK), part.count(ACTIVITY)] += 1
    assert found[True].most_common(1)[0][0] == (1, 0)
    assert found[False].most_common(1)[0][0] == (2, 1)


def test_the_command_prints_the_year(
    load: Load, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(command, "simulate", lambda *_: load)
    assert command.main(["--sample", "1", "--complaints", "100000", "--timer-ms", "20"]) == 0
    printed = capsys.readouterr().out
    assert "395 lives" in printed
    assert "| openings | 100,000 |" in printed
    assert "after a bank holiday: Tue 30 Mar 2027, 09:00" in printed
