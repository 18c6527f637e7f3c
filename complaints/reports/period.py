"""A report's period in the policy's time zone, and the Independent Assessor's year (R8)."""

from dataclasses import dataclass
from datetime import date, datetime, time

from complaints.procedure.dates.calendar import DAY, zone
from complaints.procedure.policy import AnnualReportSettings, Policy


class NoReportError(ValueError):
    """The policy has no annual report."""


@dataclass(frozen=True)
class Period:
    """Days from first to last, both inclusive."""

    first: date
    last: date
    time_zone: str

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time.min, zone(self.time_zone))

    @property
    def end(self) -> datetime:
        """The instant at which the last day ends, exclusive."""
        return datetime.combine(self.last + DAY, time.min, zone(self.time_zone))


@dataclass(frozen=True)
class Year(Period):
    """A reporting year, named after the calendar year in which it begins."""

    year: int

    @classmethod
    def of(cls, policy: Policy, year: int) -> "Year":
        """Return the reporting year that begins in a calendar year. Raises NoReportError."""
        begins = annual_report_settings(policy).year_begins
        first, following = (date(each, begins.month, begins.day) for each in (year, year + 1))
        return cls(first, following - DAY, policy.time_zone, year)

    @classmethod
    def at(cls, policy: Policy, day: date) -> "Year":
        """Return the reporting year of a day. Raises NoReportError."""
        year = cls.of(policy, day.year)
        return year if year.first <= day else cls.of(policy, day.year - 1)

    @property
    def name(self) -> str:
        """`2026/27`; `2026` for a calendar year."""
        return f"{self.year}" if self.first.month == self.first.day == 1 else f"{self.year}/{(self.year + 1) % 100:02}"


def annual_report_settings(policy: Policy) -> AnnualReportSettings:
    """Return the policy's report settings. Raises NoReportError."""
    if policy.annual_report is None or not policy.tiers[-1].review:
        raise NoReportError(f"the policy {policy.id} has no annual report; its last tier must review")
    return policy.annual_report
