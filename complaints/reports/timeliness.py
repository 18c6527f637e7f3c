"""Report how timely complaints are acknowledged and answered (R4 to R7, R12)."""

from datetime import date
from enum import StrEnum

from pydantic import BaseModel, computed_field
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.calendars.amendments import Amendment
from complaints.calendars.builder import calendar_between
from complaints.procedure.dates.calendar import zone
from complaints.procedure.enums import Aspect
from complaints.procedure.policy import Policy
from complaints.reports.period import Period
from complaints.reports.snapshot import Snapshot, open_snapshot, working_day_counts


class GroupBy(StrEnum):
    """The key by which complaints are grouped."""

    TIER = "tier"
    ASPECT = "aspect"
    HOLDER = "holder"
    MONTH = "month"


class TimelinessGroup(BaseModel):
    """Figures of the complaints that reached a tier in the period, of one group or of all."""

    key: str | None
    """A tier's id, an aspect, a holder ("": none), or a month such as 2026-04; None: all groups."""
    received: int
    open: int
    """Not answered, and still at the tier."""
    acknowledged: int
    acknowledged_in_time_at_first: int
    """Against the first date."""
    acknowledged_in_time: int
    """Against the last date."""
    acknowledgement_missed: int
    """The date passed without an acknowledgement."""
    answered: int
    """By a reply, or by the Independent Assessor's opinion."""
    answered_in_time_at_first: int
    answered_in_time: int
    answer_missed: int
    median_working_days: int | None
    """From receipt at the tier to the answer."""
    ninetieth_working_days: int | None
    """The 90th percentile of the same."""
    extended: int
    escalated: int
    """Taken to the next tier by the complainant."""
    passed_on: int
    """Passed to the next tier on a lapse."""
    keyed_late: int
    """Sent in time, but keyed after the date."""
    upheld: int
    """Outcomes and remedies count as last corrected (R4)."""
    partly_upheld: int
    not_upheld: int
    with_remedy: int
    compensation_pence: int
    """Compensation in replies."""
    corrections: int
    """Corrections of replies."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def acknowledged_in_time_share(self) -> float | None:
        """Share of those acknowledged or missed, against the first date; None: there are none."""
        return share(self.acknowledged_in_time_at_first, self.acknowledged + self.acknowledgement_missed)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def answered_in_time_share(self) -> float | None:
        return share(self.answered_in_time_at_first, self.answered + self.answer_missed)


class TimelinessReport(BaseModel):
    """Figures by group; `all` is None if there is no complaint."""

    policy: str
    first: date
    last: date
    by: GroupBy
    groups: list[TimelinessGroup]
    all: TimelinessGroup | None


def share(part: int, whole: int) -> float | None:
    """Return a share from 0 to 1, rounded to three places; None if the whole is 0."""
    return round(part / whole, 3) if whole else None


async def build_timeliness_report(engine: AsyncEngine, policy: Policy, period: Period, by: GroupBy) -> TimelinessReport:
    """Build the timeliness report from one snapshot. Raises RecordUnreachableError, RecordError."""
    async with open_snapshot(engine) as snapshot:
        groups = await read_groups(snapshot, policy, period, by)
    return TimelinessReport(
        policy=policy.id,
        first=period.first,
        last=period.last,
        by=by,
        groups=sort_by_tier(policy, [each for each in groups if each.key is not None]),
        all=next((each for each in groups if each.key is None), None),
    )


async def read_groups(snapshot: Snapshot, policy: Policy, period: Period, by: GroupBy) -> list[TimelinessGroup]:
    """Read a group for each key, then one for all; empty if there is no complaint."""
    met_at = (await snapshot.row("last_met"))["at"]
    last = max(period.last, met_at.astimezone(zone(policy.time_zone)).date()) if met_at else period.last
    amendments = [
        Amendment.model_validate(dict(row)) for row in await snapshot.rows("calendar_amendments", region=policy.region)
    ]
    rows = await snapshot.rows_by_hash_join(
        "timeliness",
        **working_day_counts(calendar_between(policy, period.first, last, amendments)),
        start=period.start,
        end=period.end,
        zone=policy.time_zone,
        policy=policy.id,
        tiers=[tier.id for tier in policy.tiers],
        service=[str(aspect) for aspect in Aspect if aspect.is_service],
        by=str(by),
    )
    return [TimelinessGroup.model_validate(dict(row)) for row in rows]


def sort_by_tier(policy: Policy, groups: list[TimelinessGroup]) -> list[TimelinessGroup]:
    """Sort tiers in the order of the procedure; leave other keys in their order."""
    places = {tier.id: place for place, tier in enumerate(policy.tiers)}
    return sorted(groups, key=lambda group: places.get(group.key or "", 0))
