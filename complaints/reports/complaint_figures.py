"""Read the annual report's figures of all complaints, and of the Assessor's own time."""

from datetime import date

from pydantic import BaseModel, computed_field

from complaints.calendars.amendments import Amendment
from complaints.calendars.builder import calendar_between
from complaints.procedure.enums import Capacity, ClosingReason
from complaints.procedure.policy import Policy
from complaints.reports.period import Year
from complaints.reports.snapshot import Snapshot, working_day_counts


class UnbalancedError(ValueError):
    """A year's balance does not add up: the record has a complaint that no figure counts."""


class ComplaintBalance(BaseModel):
    """All complaints: brought_forward + received = closed + open."""

    brought_forward: int
    received: int
    closed: dict[ClosingReason, int]
    """In the year, by how the complaint ended at last."""
    open: int
    """At the year's end, or now while the year runs."""
    open_at: dict[str, int]
    """The same by the id of the step that has it; "": none yet."""
    received_from: dict[Capacity, int]
    """Those received, by who complained."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def closed_together(self) -> int:
        return sum(self.closed.values())

    def check(self, year: str) -> None:
        """Check that every complaint is counted once. Raises UnbalancedError."""
        incoming, accounted = self.brought_forward + self.received, self.closed_together + self.open
        if incoming != accounted:
            raise UnbalancedError(
                f"{year}: the balance of all complaints does not hold: {self.brought_forward:,} brought forward and "
                f"{self.received:,} received are {incoming:,}, but {self.closed_together:,} closed and "
                f"{self.open:,} open are {accounted:,}"
            )


class FirstStep(BaseModel):
    """Where the complaints received in the year began. Those with the case handler add up, too."""

    not_taken_up: int
    """Signposted or out of time."""
    at_first_tier: int
    with_case_handler: int
    passed_on: int
    """By the case handler, because the complainant asked for a manager."""
    settled: int
    closed_otherwise: int
    still_there: int


class OwnTime(BaseModel):
    """How long the year's opinions took, in working days from when they could begin (R6)."""

    within_target: int
    after_target: int
    median_working_days: int | None
    ninetieth_working_days: int | None


async def read_complaint_balance(snapshot: Snapshot, policy: Policy, year: Year) -> ComplaintBalance:
    """Read the balance of all complaints. Raises UnbalancedError."""
    row = await snapshot.row("complaints", start=year.start, end=year.end, policy=policy.id)
    balance = ComplaintBalance.model_validate(dict(row))
    balance.check(year.name)
    return balance


async def read_first_step(snapshot: Snapshot, policy: Policy, year: Year) -> FirstStep:
    step = policy.case_handler.id if policy.case_handler else ""
    scope = {"start": year.start, "end": year.end, "policy": policy.id}
    [row] = await snapshot.rows_by_hash_join("first_step", **scope, case_handler=step)
    return FirstStep.model_validate(dict(row))


async def read_own_time(snapshot: Snapshot, policy: Policy, year: Year) -> OwnTime:
    scope = {"start": year.start, "end": year.end, "policy": policy.id, "review": policy.tiers[-1].id}
    rows = await snapshot.rows("own_time", **scope, zone=policy.time_zone)
    durations = await _working_days(snapshot, policy, [(row["began_on"], row["given_on"]) for row in rows])
    within = sum(row["within_target"] for row in rows)
    return OwnTime(
        within_target=within,
        after_target=len(rows) - within,
        median_working_days=_percentile(durations, 50),
        ninetieth_working_days=_percentile(durations, 90),
    )


async def _working_days(snapshot: Snapshot, policy: Policy, spans: list[tuple[date, date]]) -> list[int]:
    """Count the working days of each span, in ascending order (R2)."""
    if not spans:
        return []
    amendments = [
        Amendment.model_validate(dict(row)) for row in await snapshot.rows("calendar_amendments", region=policy.region)
    ]
    first, last = min(began for began, _ in spans), max(given for _, given in spans)
    counts = working_day_counts(calendar_between(policy, first, last, amendments))["working_days"]
    return sorted(counts[(given - first).days] - counts[(began - first).days] for began, given in spans)


def _percentile(ascending: list[int], percent: int) -> int | None:
    """Return a percentile, as PostgreSQL's percentile_disc; None: there is no figure."""
    return ascending[-(-len(ascending) * percent // 100) - 1] if ascending else None
