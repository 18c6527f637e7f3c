"""The service's clock, by which a client reads typed dates where no complaint is named."""

from datetime import UTC, date, datetime, time

from complaints.calendars.regions import REGIONS
from complaints.procedure.dates.calendar import zone
from complaints.procedure.policy import Policy
from complaints.runtime.clock import now
from starter.service.clock import DAY_FIRST_COUNTRY
from starter.service.models import AnswerModel


class ServiceClock(AnswerModel):
    """The present time, and how dates are read here."""

    now: datetime
    today: date
    """The day in the time zone."""
    time_zone: str
    """The policy's time zone, such as Europe/London."""
    day_first: bool
    """Whether 04/01/2027 is 4 January."""


def read_service_clock(policy: Policy) -> ServiceClock:
    at = now()
    country, _ = REGIONS.get(policy.region, ("", ""))
    return ServiceClock(
        now=at,
        today=at.astimezone(zone(policy.time_zone)).date(),
        time_zone=policy.time_zone,
        day_first=country == DAY_FIRST_COUNTRY,
    )


def start_of(policy: Policy, day: date) -> datetime:
    """Return the instant at which the day begins in the policy's time zone."""
    return datetime.combine(day, time(0), zone(policy.time_zone)).astimezone(UTC)
