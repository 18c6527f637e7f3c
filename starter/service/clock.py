"""A complaint's own clock, by which a client reads dates that people type."""

from datetime import datetime

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.calendars.regions import REGIONS
from complaints.procedure.policy import Policy
from complaints.records.queries import read_state
from complaints.temporal.calls import call_with_timeout
from complaints.temporal.virtual_time import UnknownComplaintError, read_clock
from starter.api.problems import translate_errors
from starter.service.references import explain_not_running, require_valid_reference

DAY_FIRST_COUNTRY = "GB"
"""The country whose people write 4 January as 04/01."""


class TierStart(BaseModel):
    """When a tier's clocks started; a letter of the tier cannot have gone before (R4)."""

    tier: str
    started_at: datetime


class ComplaintClock(BaseModel):
    """The time on a complaint's clock, and how dates are read there."""

    reference: str
    now: datetime
    time_zone: str
    """The policy's time zone, such as Europe/London."""
    day_first: bool
    """Whether 04/01/2027 is 4 January."""
    tiers: list[TierStart]
    """The tiers that the complaint reached, in order; empty where the record does not have it yet."""


async def read_complaint_clock(
    client: Client, engine: AsyncEngine, reference: str, default_policy: Policy
) -> ComplaintClock:
    """Read a complaint's clock. Raises ProblemError.

    `default_policy` counts where the record does not have the complaint yet.
    """
    require_valid_reference(reference)
    with translate_errors():
        try:
            now = await call_with_timeout(read_clock(client, reference))
        except (RPCError, UnknownComplaintError) as error:
            raise await explain_not_running(engine, reference) from error
        state = await read_state(engine, reference)
    policy = state.policy if state else default_policy
    country, _ = REGIONS.get(policy.region, ("", ""))
    return ComplaintClock(
        reference=reference,
        now=now,
        time_zone=policy.time_zone,
        day_first=country == DAY_FIRST_COUNTRY,
        tiers=[TierStart(tier=each.tier, started_at=each.started_at) for each in state.tier_periods] if state else [],
    )
