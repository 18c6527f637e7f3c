"""Which complaints carry a calendar that is no longer the one in force, and what they are told (R14)."""

import hashlib
from collections.abc import AsyncGenerator, Sequence
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.calendars.amendments import Amendment
from complaints.calendars.builder import calendar_in_force
from complaints.procedure.acts import Recalendar
from complaints.procedure.dates.calendar import CalendarChange, WorkingCalendar
from complaints.procedure.policy import Policy
from complaints.records.calendar_amendments import Carried, amendments_of, carried_by_open

LOOKING = "not sent"
"""In place of a run, where complaints are only looked for."""
READ_AT_ONCE = 200
"""How many complaints' calendars are in memory."""


class KnownAmendments:
    """Each region's amendments, read once."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        self._amendments: dict[str, Sequence[Amendment]] = {}

    async def of(self, region: str) -> Sequence[Amendment]:
        """Raises RecordUnreachableError."""
        if region not in self._amendments:
            self._amendments[region] = await amendments_of(self._engine, region)
        return self._amendments[region]


class Stale(NamedTuple):
    """A complaint that carries another calendar, and what it is to be told."""

    carried: Carried
    act: Recalendar


async def stale(engine: AsyncEngine, *, by: str, after: str = "") -> AsyncGenerator[Stale, None]:
    """In the order of their references, from the first after `after`. Raises RecordUnreachableError."""
    known = KnownAmendments(engine)
    while some := await carried_by_open(engine, after=after, limit=READ_AT_ONCE):
        for carried in some:
            amendments = await known.of(carried.policy.region)
            if act := recalendar_act(carried.policy, carried.calendar, amendments, by, LOOKING):
                yield Stale(carried, act)
        after = some[-1].reference


def recalendar_act(
    policy: Policy, carried: WorkingCalendar, amendments: Sequence[Amendment], by: str, run: str
) -> Recalendar | None:
    """By the calendar in force; None: the complaint has its working days already."""
    calendar = calendar_in_force(policy, carried, amendments)
    changes = carried.changes_to(calendar)
    if not changes:
        return None
    return Recalendar(id=act_id(calendar, run), by=by, calendar=calendar, reason=_reason(changes, amendments, calendar))


def act_id(calendar: WorkingCalendar, run: str) -> str:
    """One and the same for all attempts of a run to tell a complaint of this calendar.

    Another run has others: what was refused to somebody who might not do it must not be the answer for ever.
    """
    return f"recalendar {hashlib.sha256(calendar.version.encode()).hexdigest()[:16]} {run}"


def _reason(changes: list[CalendarChange], amendments: Sequence[Amendment], calendar: WorkingCalendar) -> str:
    """What was said of the days when they were amended; else that another calendar knows them."""
    said = {amendment.on: amendment.reason for amendment in amendments}
    reasons = dict.fromkeys(said.get(change.on, f"known to {calendar.version}") for change in changes)
    return "; ".join(reasons)[:10_000]
