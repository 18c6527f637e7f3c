"""Timeliness by tier: single cases, and random complaints recounted from their states."""

from datetime import UTC, date, datetime, time
from math import ceil
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.corpus.closed_complaints import Life
from complaints.procedure.acts import Acknowledge, Classify, CloseInError, Escalate, Extend, Reply, Withdraw
from complaints.procedure.complaint import Complaint
from complaints.procedure.enums import DeadlineKind
from complaints.procedure.state import ComplaintState
from complaints.reports.period import Period
from complaints.reports.timeliness import GroupBy, TimelinessGroup, build_timeliness_report
from tests.reports.sample_complaints import FOS, SampleComplaint, calendar, put_on_record

MONDAY = date(2026, 6, 1)
JUNE = Period(date(2026, 6, 1), date(2026, 6, 30), "Europe/London")


async def groups(engine: AsyncEngine, by: GroupBy, period: Period = JUNE) -> dict[str | None, TimelinessGroup]:
    report = await build_timeliness_report(engine, FOS, period, by)
    return {group.key: group for group in (*report.groups, *([report.all] if report.all else []))}


def replied(lived: SampleComplaint, day: float, outcome: str = "upheld", **said: Any) -> SampleComplaint:
    return lived.act(Reply, day, outcome=outcome, findings="So it was.", **said)


async def test_each_complaint_counts_once_in_each_figure(engine: AsyncEngine) -> None:
    """Acknowledged by Wednesday 3, answered by Monday 15 June: that is day 14 at midnight."""
    remedies = [{"kind": "apology"}, {"kind": "compensation", "pence": 12_550}]
    sent_at = datetime(2026, 6, 12, 12, tzinfo=UTC)
    await put_on_record(
        engine,
        (
            lived.complaint
            for lived in (
                replied(SampleComplaint("in-time", MONDAY).act(Acknowledge, 1), 14, remedies=remedies),
                replied(
                    SampleComplaint("extended", MONDAY).act(Extend, 8, to=date(2026, 6, 19), explanation="It is away."),
                    17,
                ),
                replied(SampleComplaint("late", MONDAY), 16, outcome="not_upheld"),
                replied(SampleComplaint("keyed-late", MONDAY), 15.5, sent_at=sent_at, outcome="partly_upheld"),
                SampleComplaint("passed-on", MONDAY).until(23),
                replied(SampleComplaint("escalated", MONDAY).until(15).act(Escalate, 15, by="intake"), 16),
                SampleComplaint("withdrawn", MONDAY).act(Withdraw, 2, by="intake"),
                SampleComplaint("in-error", MONDAY).act(CloseInError, 2, by="lee", reason="A test."),
                SampleComplaint("open", date(2026, 6, 30)),
                SampleComplaint("of-may", date(2026, 5, 29)),
            )
        ),
    )
    by_tier = await groups(engine, GroupBy.TIER)
    manager = by_tier["manager"]
    assert (manager.received, manager.open, manager.answered, manager.answer_missed) == (8, 1, 4, 2)
    assert (manager.acknowledged, manager.acknowledged_in_time, manager.acknowledgement_missed) == (4, 1, 2)
    assert (manager.answered_in_time_at_first, manager.answered_in_time) == (2, 3)
    assert manager.answered_in_time_share == round(2 / 6, 3)
    assert (manager.extended, manager.escalated, manager.passed_on, manager.keyed_late) == (1, 1, 1, 1)
    assert (manager.upheld, manager.partly_upheld, manager.not_upheld) == (2, 1, 1)
    assert (manager.with_remedy, manager.compensation_pence) == (1, 12_550)
    assert (manager.median_working_days, manager.ninetieth_working_days) == (10, 13)
    team = by_tier["customer_complaints_team"]
    assert (team.received, team.open, team.answered, team.median_working_days) == (2, 1, 1, 1)
    assert by_tier[None].received == 10


async def test_figures_are_grouped_by_each_key(engine: AsyncEngine) -> None:
    two = SampleComplaint("two", MONDAY, aspects=["delay", "delay", "outcome", "other_service"])
    moved = SampleComplaint("moved", date(2026, 6, 30)).act(Acknowledge, 1)
    moved.act(Classify, 1, by="lee", concern=1, aspect="not_kept_updated", reason="So it is.")
    after_hours = SampleComplaint("july", date(2026, 6, 30), received_at=datetime(2026, 6, 30, 23, 30, tzinfo=UTC))
    await put_on_record(engine, [two.complaint, moved.complaint, after_hours.complaint])
    assert {key: each.received for key, each in (await groups(engine, GroupBy.ASPECT)).items()} == {
        "delay": 1,
        "other_service": 1,
        "not_kept_updated": 1,
        None: 2,
    }
    assert {key: each.received for key, each in (await groups(engine, GroupBy.HOLDER)).items()} == {
        "": 1,
        "staff.manager": 1,
        None: 2,
    }
    summer = Period(date(2026, 6, 1), date(2026, 7, 31), "Europe/London")
    months = await groups(engine, GroupBy.MONTH, summer)
    assert {key: each.received for key, each in months.items()} == {"2026-06": 2, "2026-07": 1, None: 3}


async def test_no_complaints_give_no_groups(engine: AsyncEngine) -> None:
    assert await groups(engine, GroupBy.TIER) == {}


def lives(number: int) -> list[Complaint]:
    first, last = datetime(2026, 2, 20, tzinfo=UTC), datetime(2026, 7, 10, tzinfo=UTC)
    step = (last - first) / number
    return [Life(f"L-{n}", first + n * step, FOS, calendar(2025, 2031)).live() for n in range(number)]


def recount(state: ComplaintState, tier: str, period: Period) -> tuple[bool, bool, bool, int | None] | None:
    """Return answered, in time at first, in time as extended, working days; None: not there."""
    periods = [p for p in state.tier_periods if p.tier == tier and period.start <= p.started_at < period.end]
    if not periods:
        return None
    kinds = (DeadlineKind.REPLY, DeadlineKind.OPINION)
    deadline = next((d for d in reversed(state.deadlines) if d.tier == tier and d.kind in kinds), None)
    met_at = deadline.met_at if deadline else None
    if deadline is None or met_at is None:
        return False, False, False, None
    days = state.calendar.ledger(state.calendar.day_of(periods[0].started_at), state.calendar.day_of(met_at))
    return True, met_at < deadline.first_at, met_at < deadline.at, sum(not day.skipped for day in days)


@pytest.mark.timeout(240)
async def test_random_complaints_count_as_their_states_say(engine: AsyncEngine) -> None:
    lived = lives(120)
    await put_on_record(engine, lived)
    period = Period(date(2026, 3, 1), date(2026, 6, 30), FOS.time_zone)
    assert period.start == datetime.combine(period.first, time.min, UTC)
    by_key = await groups(engine, GroupBy.TIER, period)
    assert len(by_key) == len(FOS.tiers) + 1
    for tier in FOS.tiers:
        all_of = [found for each in lived if (found := recount(each.state, tier.id, period))]
        taken = sorted(days for *_, days in all_of if days is not None)
        of = by_key[tier.id]
        assert of.received == len(all_of)
        assert of.open == 0
        assert of.answered == len(taken) == sum(answered for answered, *_ in all_of)
        assert of.answered_in_time_at_first == sum(first for _, first, *_ in all_of)
        assert of.answered_in_time == sum(current for _, _, current, _ in all_of)
        assert of.median_working_days == taken[ceil(0.5 * len(taken)) - 1]
        assert of.ninetieth_working_days == taken[ceil(0.9 * len(taken)) - 1]
