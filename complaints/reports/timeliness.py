"""How timely complaints are acknowledged and answered, and what comes of them (R4 to R7, R12)."""

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
from complaints.reports.snapshot import Snapshot, counted_days, snapshot


class By(StrEnum):
    """What figures are told apart by."""

    TIER = "tier"
    ASPECT = "aspect"
    HOLDER = "holder"
    MONTH = "month"


class Timely(BaseModel):
    """The complaints that reached a tier in the period, together or of one kind."""

    key: str | None
    """A tier's id, an aspect, a holder ("": nobody), or a month such as 2026-04; None: all together."""
    received: int
    open: int
    """Neither answered yet nor gone from the tier."""
    acknowledged: int
    acknowledged_in_time_at_first: int
    """Against the first date."""
    acknowledged_in_time: int
    """Against the date as it stood in the end."""
    acknowledgement_missed: int
    """Its date passed, and it never was."""
    answered: int
    """By a reply, or by the Independent Assessor's opinion."""
    answered_in_time_at_first: int
    answered_in_time: int
    answer_missed: int
    median_working_days: int | None
    """From receipt at the tier to the answer: half of the answers took no longer."""
    ninetieth_working_days: int | None
    """Nine of ten took no longer."""
    extended: int
    escalated: int
    """Taken to the next tier by the complainant."""
    passed_on: int
    """Passed to it by a lapse."""
    keyed_late: int
    """Sent in time, and put on the record after the date."""
    upheld: int
    partly_upheld: int
    not_upheld: int
    with_remedy: int
    compensation_pence: int
    """Given in replies."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def acknowledged_in_time_share(self) -> float | None:
        """Of those acknowledged or missed, against the first date; None: there is none yet."""
        return share(self.acknowledged_in_time_at_first, self.acknowledged + self.acknowledgement_missed)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def answered_in_time_share(self) -> float | None:
        return share(self.answered_in_time_at_first, self.answered + self.answer_missed)


class TimelinessReport(BaseModel):
    """`all` is None where there is none."""

    policy: str
    first: date
    last: date
    by: By
    groups: list[Timely]
    all: Timely | None


def share(part: int, whole: int) -> float | None:
    """From 0 to 1, to a tenth of a per cent."""
    return round(part / whole, 3) if whole else None


async def timeliness(engine: AsyncEngine, policy: Policy, period: Period, by: By) -> TimelinessReport:
    """Raises RecordUnreachableError, RecordError."""
    async with snapshot(engine) as look:
        found = await timely(look, policy, period, by)
    return TimelinessReport(
        policy=policy.id,
        first=period.first,
        last=period.last,
        by=by,
        groups=in_order(policy, [each for each in found if each.key is not None]),
        all=next((each for each in found if each.key is None), None),
    )


async def timely(look: Snapshot, policy: Policy, period: Period, by: By) -> list[Timely]:
    """Of each key, and last of all together; empty where there is none."""
    met_at = (await look.row("last_met"))["at"]
    last = max(period.last, met_at.astimezone(zone(policy.time_zone)).date()) if met_at else period.last
    amendments = [
        Amendment.model_validate(dict(row)) for row in await look.rows("calendar_amendments", region=policy.region)
    ]
    rows = await look.rows_of_many(
        "timeliness",
        **counted_days(calendar_between(policy, period.first, last, amendments)),
        start=period.start,
        end=period.end,
        zone=policy.time_zone,
        policy=policy.id,
        tiers=[tier.id for tier in policy.tiers],
        service=[str(aspect) for aspect in Aspect if aspect.is_service],
        by=str(by),
    )
    return [Timely.model_validate(dict(row)) for row in rows]


def in_order(policy: Policy, groups: list[Timely]) -> list[Timely]:
    """Tiers as a complaint goes through them; anything else as it is."""
    places = {tier.id: place for place, tier in enumerate(policy.tiers)}
    return sorted(groups, key=lambda group: places.get(group.key or "", 0))
