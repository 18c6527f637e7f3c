"""Read every figure of the annual report from the record (R12)."""

from itertools import pairwise

from pydantic import BaseModel, computed_field

from complaints.procedure.enums import ASPECTS_VERSION, Aspect
from complaints.procedure.policy import Policy
from complaints.reports.complaint_figures import (
    ComplaintBalance,
    FirstStep,
    OwnTime,
    UnbalancedError,
    read_complaint_balance,
    read_first_step,
    read_own_time,
)
from complaints.reports.period import Year, annual_report_settings
from complaints.reports.snapshot import Snapshot
from complaints.reports.timeliness import GroupBy, TimelinessGroup, read_groups, share, sort_by_tier

PENCE_PER_POUND = 100


class Received(BaseModel):
    """Complaints received in the year."""

    received: int
    signposted: int
    """Closed because no concern is about service."""
    out_of_time: int
    opened_in_error: int
    """In no other figure."""
    by_month: list[int]
    """In order, from the year's first month."""
    cases_resolved: int | None
    """None: not given."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def per_hundred_cases(self) -> float | None:
        """Complaints for every hundred cases resolved."""
        return round(100 * self.received / self.cases_resolved, 2) if self.cases_resolved else None


class Balance(BaseModel):
    """Reviews: brought_forward + referred = not_investigated + investigated + awaiting."""

    brought_forward: int
    referred: int
    too_early: int
    out_of_time: int
    not_about_service: int
    already_considered: int
    enquiry_only: int
    withdrawn: int
    """Withdrawn or resolved before an opinion."""
    investigated: int
    awaiting: int
    """At the year's end, or now while the year runs."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def not_investigated(self) -> int:
        return (
            self.too_early
            + self.out_of_time
            + self.not_about_service
            + self.already_considered
            + self.enquiry_only
            + self.withdrawn
        )

    def check(self, year: str) -> None:
        """Check that both sides are equal. Raises UnbalancedError."""
        incoming = self.brought_forward + self.referred
        accounted = self.not_investigated + self.investigated + self.awaiting
        if incoming != accounted:
            raise UnbalancedError(
                f"{year}: the balance does not hold: {self.brought_forward:,} brought forward and {self.referred:,} "
                f"referred are {incoming:,}, but {self.not_investigated:,} not investigated, {self.investigated:,} "
                f"investigated and {self.awaiting:,} awaiting are {accounted:,}"
            )


class Band(BaseModel):
    """A band of compensation in pounds: over `above`, up to `most`.

    The first band is under its `most`; the second begins at that sum.
    """

    above: int | None
    most: int | None
    number: int


class Compensation(BaseModel):
    """Compensation that opinions recommend; several sums in one opinion count as their total."""

    number: int
    least_pence: int | None
    most_pence: int | None
    total_pence: int
    bands: list[Band]


class Opinions(BaseModel):
    satisfactory: int
    unsatisfactory: int
    with_recommendations: int
    """Among the unsatisfactory opinions."""
    remedied_before: int
    """Opinions where an earlier reply had offered a remedy."""
    unsatisfactory_remedied_before: int
    compensation: Compensation

    @computed_field  # type: ignore[prop-decorator]
    @property
    def number(self) -> int:
        return self.satisfactory + self.unsatisfactory

    @computed_field  # type: ignore[prop-decorator]
    @property
    def remedied_before_share(self) -> float | None:
        return share(self.remedied_before, self.number)


class Theme(BaseModel):
    """Opinions on complaints about one aspect of service; a complaint may have several."""

    aspect: Aspect
    opinions: int
    unsatisfactory: int


class Themes(BaseModel):
    taxonomy: str
    """Version of the list of aspects."""
    themes: list[Theme]


class Figures(BaseModel):
    """All figures of one year."""

    received: Received
    complaints: ComplaintBalance
    first_step: FirstStep
    timeliness: list[TimelinessGroup]
    """By tier, in the order of the procedure."""
    balance: Balance
    opinions: Opinions
    own_time: OwnTime
    themes: Themes

    @property
    def are_empty(self) -> bool:
        """The record has nothing for the year."""
        return not (self.received.received or self.balance.brought_forward or self.balance.referred)


async def read_figures(snapshot: Snapshot, policy: Policy, year: Year, cases_resolved: int | None) -> Figures:
    """Read a year's figures from a snapshot. Raises UnbalancedError."""
    scope = {"start": year.start, "end": year.end, "policy": policy.id}
    review = scope | {"review": policy.tiers[-1].id}
    received = await snapshot.row(
        "received", **scope, zone=year.time_zone, first_month=year.first.replace(day=1), last_month=year.last
    )
    balance = Balance.model_validate(dict(await snapshot.row("balance", **review)))
    balance.check(year.name)
    service = [str(aspect) for aspect in Aspect if aspect.is_service]
    themes = {row["aspect"]: dict(row) for row in await snapshot.rows("themes", **review, service=service)}
    none = {"opinions": 0, "unsatisfactory": 0}
    return Figures(
        received=Received.model_validate({**received, "cases_resolved": cases_resolved}),
        complaints=await read_complaint_balance(snapshot, policy, year),
        first_step=await read_first_step(snapshot, policy, year),
        timeliness=sort_by_tier(
            policy, [each for each in await read_groups(snapshot, policy, year, GroupBy.TIER) if each.key]
        ),
        balance=balance,
        opinions=await _read_opinions(snapshot, annual_report_settings(policy).compensation_bands, review),
        own_time=await read_own_time(snapshot, policy, year),
        themes=Themes(
            taxonomy=ASPECTS_VERSION,
            themes=[Theme.model_validate({**themes.get(each, none), "aspect": each}) for each in service],
        ),
    )


async def _read_opinions(snapshot: Snapshot, bands: tuple[int, ...], review: dict[str, object]) -> Opinions:
    """Read opinions; a bound belongs to the band below it, except the first bound."""
    bounds = [PENCE_PER_POUND * bands[0], *(PENCE_PER_POUND * bound + 1 for bound in bands[1:])]
    row = await snapshot.row("opinions", **review, bounds=bounds)
    edges = list(pairwise((None, *bands, None)))
    return Opinions(
        **{name: row[name] for name in Opinions.model_fields if name != "compensation"},
        compensation=Compensation(
            number=row["compensated"],
            least_pence=row["least_pence"],
            most_pence=row["most_pence"],
            total_pence=row["total_pence"],
            bands=[
                Band(above=above, most=most, number=number)
                for (above, most), number in zip(edges, row["bands"], strict=True)
            ],
        ),
    )
