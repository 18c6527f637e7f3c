"""The Independent Assessor's annual report to the Board, as data (R8, R12)."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.dates.calendar import zone
from complaints.procedure.enums import Aspect, RemedyKind
from complaints.procedure.policy import Policy
from complaints.reports.figures import Figures, figures_of
from complaints.reports.period import Year
from complaints.reports.snapshot import Snapshot, snapshot

FORMAT: Literal["annual-report-1"] = "annual-report-1"


class ReportedRecommendation(BaseModel):
    """What was recommended, and the service's answer."""

    kind: RemedyKind
    pence: int | None
    accepted: bool | None
    """None: not answered yet."""
    carried_out: bool
    lapsed: bool
    """Its date passed before it was carried out."""
    words: str | None = None
    """The Assessor's own; the record's might name somebody."""


class Finding(BaseModel):
    """An unsatisfactory opinion, without what names a complainant: no reference, no date, no words of the record."""

    number: int
    themes: list[Aspect]
    remedied_before: bool
    recommendations: list[ReportedRecommendation]
    words: str | None = None


class LastYear(BaseModel):
    name: str
    figures: Figures


class AnnualReport(BaseModel):
    format: Literal["annual-report-1"] = FORMAT
    policy: str
    body: str
    reviewer: str
    """The reviewing tier's title."""
    year: int
    name: str
    first: date
    last: date
    drafted_on: date
    """Of two reports over the same records, nothing else differs."""
    is_running: bool
    """The year is not over: the figures are those up to now."""
    tiers: dict[str, str]
    """Each tier's title by its id."""
    figures: Figures
    last_year: LastYear | None
    findings: list[Finding]
    words: dict[str, str] = {}
    """The Assessor's own, by section."""

    @property
    def gap(self) -> str | None:
        """Last year's report, as it was published, and the record may differ; None: they do not."""
        here = self.figures.balance.brought_forward
        if self.last_year is None or self.last_year.figures.balance.awaiting == here:
            return None
        there = self.last_year.figures.balance.awaiting
        return f"The report of {self.last_year.name} says that {there:,} awaited an opinion; the record has {here:,}."


class LastYearError(ValueError):
    """A file that is no report of the year before."""


def read_last_year(text: str, policy: Policy, year: Year) -> LastYear:
    """Last year's report as it was published, from its JSON. Raises LastYearError."""
    try:
        published = AnnualReport.model_validate_json(text)
    except ValidationError as error:
        raise LastYearError("is not an annual report as JSON, such as annual-2025.json") from error
    if (published.policy, published.year) != (policy.id, year.year - 1):
        wanted = f"{policy.id} for {Year.of(policy, year.year - 1).name}"
        raise LastYearError(f"is the report of {published.policy} for {published.name}; give that of {wanted}")
    return LastYear(name=published.name, figures=published.figures)


class Gathered(BaseModel):
    """A report, and whose findings it lists, which the report itself does not say."""

    report: AnnualReport
    references: list[str]


async def gather(
    engine: AsyncEngine,
    policy: Policy,
    year: Year,
    now: datetime,
    cases_resolved: int | None = None,
    last_year: LastYear | None = None,
) -> Gathered:
    """All from one instant. Without `last_year`, as it was published, it is what the record now says of it.

    Raises UnbalancedError, RecordUnreachableError, RecordError.
    """
    async with snapshot(engine) as look:
        figures = await figures_of(look, policy, year, cases_resolved)
        before = last_year or await _before(look, policy, year)
        references, findings = await _findings(look, policy, year)
    drafted_on = now.astimezone(zone(policy.time_zone)).date()
    report = AnnualReport(
        policy=policy.id,
        body=policy.title,
        reviewer=policy.tiers[-1].title,
        year=year.year,
        name=year.name,
        first=year.first,
        last=year.last,
        drafted_on=drafted_on,
        is_running=drafted_on <= year.last,
        tiers={tier.id: tier.title for tier in policy.tiers},
        figures=figures,
        last_year=before,
        findings=findings,
    )
    return Gathered(report=report, references=references)


async def _before(look: Snapshot, policy: Policy, year: Year) -> LastYear | None:
    before = Year.of(policy, year.year - 1)
    figures = await figures_of(look, policy, before, None)
    return None if figures.are_empty else LastYear(name=before.name, figures=figures)


async def _findings(look: Snapshot, policy: Policy, year: Year) -> tuple[list[str], list[Finding]]:
    """With the references of their complaints, in the same order."""
    rows = await look.rows("findings", start=year.start, end=year.end, policy=policy.id, review=policy.tiers[-1].id)
    findings: dict[str, Finding] = {}
    for row in rows:
        finding = findings.setdefault(
            row["reference"],
            Finding(
                number=len(findings) + 1,
                themes=[aspect for aspect in Aspect if aspect.is_service and aspect in row["aspects"]],
                remedied_before=row["remedied_before"],
                recommendations=[],
            ),
        )
        if row["kind"]:
            finding.recommendations.append(ReportedRecommendation.model_validate(dict(row)))
    return list(findings), list(findings.values())
