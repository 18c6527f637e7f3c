"""Every figure of the annual report (R12), read from the record."""

from itertools import pairwise

from pydantic import BaseModel, computed_field

from complaints.procedure.enums import ASPECTS_VERSION, Aspect
from complaints.procedure.policy import Policy
from complaints.reports.period import Year, reporting
from complaints.reports.snapshot import Snapshot
from complaints.reports.timeliness import By, Timely, in_order, share, timely

PENCE = 100


class UnbalancedError(ValueError):
    """The figures of a year do not add up: the record holds something that this report does not know."""


class Received(BaseModel):
    """Complaints that came in."""

    received: int
    signposted: int
    """Not about service, wholly."""
    out_of_time: int
    opened_in_error: int
    """Counted nowhere else."""
    by_month: list[int]
    """From the year's first month."""
    cases_resolved: int | None
    """As given; None: not given."""

    @computed_field  # type: ignore[prop-decorator]
    @property
    def per_hundred_cases(self) -> float | None:
        """Complaints for every hundred cases resolved."""
        return round(100 * self.received / self.cases_resolved, 2) if self.cases_resolved else None


class Balance(BaseModel):
    """brought_forward + referred = not_investigated + investigated + awaiting."""

    brought_forward: int
    referred: int
    too_early: int
    out_of_time: int
    not_about_service: int
    already_considered: int
    enquiry_only: int
    withdrawn: int
    """Or resolved, before an opinion."""
    investigated: int
    awaiting: int
    """At the year's end; of a year that is running, now."""

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
        """Raises UnbalancedError."""
        came, went = self.brought_forward + self.referred, self.not_investigated + self.investigated
        if came != went + self.awaiting:
            raise UnbalancedError(
                f"{year}: the balance does not hold: {self.brought_forward:,} brought forward and {self.referred:,} "
                f"referred are {came:,}, but {self.not_investigated:,} not investigated, {self.investigated:,} "
                f"investigated and {self.awaiting:,} awaiting are {went + self.awaiting:,}"
            )


class Band(BaseModel):
    """Compensation over `above` pounds and up to `most`; the first one is under `most`, the second from there on."""

    above: int | None
    most: int | None
    number: int


class Compensation(BaseModel):
    """What opinions recommend; of several sums in one opinion, their total."""

    number: int
    least_pence: int | None
    most_pence: int | None
    total_pence: int
    bands: list[Band]


class Opinions(BaseModel):
    satisfactory: int
    unsatisfactory: int
    with_recommendations: int
    """Of the unsatisfactory."""
    remedied_before: int
    """A remedy had been offered in an earlier reply."""
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
    """An aspect of service, and the opinions on complaints about it; one complaint may have several."""

    aspect: Aspect
    opinions: int
    unsatisfactory: int


class Themes(BaseModel):
    taxonomy: str
    """The version of the list of aspects."""
    themes: list[Theme]


class Figures(BaseModel):
    """Of one year."""

    received: Received
    timeliness: list[Timely]
    """Of each tier, in the order of the procedure."""
    balance: Balance
    opinions: Opinions
    themes: Themes

    @property
    def are_empty(self) -> bool:
        """The record knows nothing of such a year."""
        return not (self.received.received or self.balance.brought_forward or self.balance.referred)


async def figures_of(look: Snapshot, policy: Policy, year: Year, cases_resolved: int | None) -> Figures:
    """Raises UnbalancedError."""
    scope = {"start": year.start, "end": year.end, "policy": policy.id}
    review = scope | {"review": policy.tiers[-1].id}
    received = await look.row(
        "received", **scope, zone=year.time_zone, first_month=year.first.replace(day=1), last_month=year.last
    )
    balance = Balance.model_validate(dict(await look.row("balance", **review)))
    balance.check(year.name)
    service = [str(aspect) for aspect in Aspect if aspect.is_service]
    themes = {row["aspect"]: dict(row) for row in await look.rows("themes", **review, service=service)}
    none = {"opinions": 0, "unsatisfactory": 0}
    return Figures(
        received=Received.model_validate({**received, "cases_resolved": cases_resolved}),
        timeliness=in_order(policy, [each for each in await timely(look, policy, year, By.TIER) if each.key]),
        balance=balance,
        opinions=await _opinions(look, reporting(policy).compensation_bands, review),
        themes=Themes(
            taxonomy=ASPECTS_VERSION,
            themes=[Theme.model_validate({**themes.get(each, none), "aspect": each}) for each in service],
        ),
    )


async def _opinions(look: Snapshot, bands: tuple[int, ...], review: dict[str, object]) -> Opinions:
    """A bound belongs to the band below it, but for the first: under 50 is less than 50."""
    bounds = [PENCE * bands[0], *(PENCE * bound + 1 for bound in bands[1:])]
    row = await look.row("opinions", **review, bounds=bounds)
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
