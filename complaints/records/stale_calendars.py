"""Find in `complaints` the calendars that `calendar_amendments` has overtaken (R14)."""

import asyncio
import hashlib
from collections.abc import AsyncGenerator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.calendars.amendments import Amendment
from complaints.calendars.builder import calendar_in_force
from complaints.procedure.acts import Recalendar
from complaints.procedure.dates.calendar import CalendarChange, WorkingCalendar
from complaints.procedure.policy import Policy
from complaints.procedure.state import ComplaintState
from complaints.procedure.views.affected_dates import affects_a_date
from complaints.records.calendar_amendments import ComplaintCalendar, list_amendments, list_calendars_in_use
from complaints.records.queries import read_last_states

DRY_RUN = "not sent"
"""The run's id in acts that nobody sends."""
BATCH_SIZE = 200
"""Calendars that are in memory at once."""


MAX_CACHED_ACTS = 64
"""Acts in memory, one for each policy and calendar; complaints share these."""


class AmendmentCache:
    """Amendments by region, each read once."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._amendments: dict[str, Sequence[Amendment]] = {}

    async def get(self, region: str) -> Sequence[Amendment]:
        """Read a region's amendments, or return those in memory. Raises RecordUnreachableError."""
        if region not in self._amendments:
            self._amendments[region] = await list_amendments(self._engine, region)
        return self._amendments[region]


class RecalendarBuilder:
    """Builds the acts of one run; complaints with the same policy and calendar share one."""

    def __init__(self, engine: AsyncEngine, by: str, run: str) -> None:
        self._by = by
        self._run = run
        self._amendments = AmendmentCache(engine)
        self._acts: dict[tuple[int, int], tuple[ComplaintCalendar, Recalendar | None]] = {}

    async def build(self, carried: ComplaintCalendar) -> Recalendar | None:
        """Build the act of a complaint; None: nothing changes. Raises RecordUnreachableError."""
        key = id(carried.policy), id(carried.calendar)
        if key not in self._acts:
            if len(self._acts) == MAX_CACHED_ACTS:
                self._acts.clear()
            amendments = await self._amendments.get(carried.policy.region)
            act = build_recalendar(carried.policy, carried.calendar, amendments, self._by, self._run)
            self._acts[key] = carried, act  # keeps the two objects, so that no other gets their ids
        return self._acts[key][1]


class StaleComplaint(NamedTuple):
    """A complaint with a calendar that is out of date, and the act that updates it."""

    carried: ComplaintCalendar
    act: Recalendar


async def list_stale(engine: AsyncEngine, *, by: str, after: str = "") -> AsyncGenerator[StaleComplaint, None]:
    """Stream stale complaints by reference, those after `after`. Raises RecordUnreachableError."""
    builder = RecalendarBuilder(engine, by, DRY_RUN)
    while batch := await list_calendars_in_use(engine, after=after, limit=BATCH_SIZE):
        for carried in batch:
            if act := await builder.build(carried):
                yield StaleComplaint(carried, act)
        after = batch[-1].reference


async def find_affected(engine: AsyncEngine, acts: Mapping[str, Recalendar], now: datetime) -> list[str]:
    """Return the complaints, of those with an act each, of which it would change a date.

    A complaint that would refuse the act is among them. Raises RecordUnreachableError.
    """
    states = await read_last_states(engine, acts.keys())
    return await asyncio.to_thread(_affected, states, acts, now)


def _affected(states: Sequence[ComplaintState], acts: Mapping[str, Recalendar], now: datetime) -> list[str]:
    return [state.reference for state in states if affects_a_date(state, acts[state.reference], now)]


def build_recalendar(
    policy: Policy, carried: WorkingCalendar, amendments: Sequence[Amendment], by: str, run: str
) -> Recalendar | None:
    """Build the act that gives a complaint the calendar in force; None: nothing changes."""
    calendar = calendar_in_force(policy, carried, amendments)
    changes = carried.changes_to(calendar)
    if not changes:
        return None
    return Recalendar(
        id=recalendar_id(calendar, run), by=by, calendar=calendar, reason=_reason(changes, amendments, calendar)
    )


def recalendar_id(calendar: WorkingCalendar, run: str) -> str:
    """Return the act's id, which is the same for every attempt of a run.

    Each run has its own, so that a refusal in one run (say, for want of permission) is not repeated in the next.
    """
    return f"recalendar {hashlib.sha256(calendar.version.encode()).hexdigest()[:16]} {run}"


def _reason(changes: list[CalendarChange], amendments: Sequence[Amendment], calendar: WorkingCalendar) -> str:
    """Join the amendments' reasons; for other days, name the calendar's version."""
    reason_by_day = {amendment.on: amendment.reason for amendment in amendments}
    reasons = dict.fromkeys(reason_by_day.get(change.on, f"known to {calendar.version}") for change in changes)
    return "; ".join(reasons)[:10_000]
