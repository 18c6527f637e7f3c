"""Build the Independent Assessor's annual report to the Board, as data (R8, R12)."""

from datetime import date, datetime
from typing import Literal

from pydantic import BaseModel, ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.dates.calendar import zone
from complaints.procedure.enums import Aspect, RemedyKind
from complaints.procedure.policy import Policy
from complaints.reports.figures import Figures, read_figures
from complaints.reports.period import Year
from complaints.reports.snapshot import Snapshot, open_snapshot

FORMAT: Literal["annual-report-1"] = "annual-report-1"


class ReportedRecommendation(BaseModel):
    """A recommendation, and the service's answer."""

    kind: RemedyKind
    pence: int | None
    accepted: bool | None
    """None: not answered yet."""
    carried_out: bool
    lapsed: bool
    """The undertaking's date passed before it was carried out."""
    words: str | None = None
    """The Assessor's text; text from the record might name somebody."""


class Finding(BaseModel):
    """An unsatisfactory opinion, without reference, date or free text, which identify people."""

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
    """All that differs between two reports on the same records."""
    is_running: bool
    """The year has not ended: the figures are up to now."""
    case_handler: str | None
    """The title of the case handler's step; None: the policy has none."""
    tiers: dict[str, str]
    """Each tier's title by its id."""
    figures: Figures
    last_year: LastYear | None
    findings: list[Finding]
    last_year_findings: list[Finding]
    """With what has become of their recommendations since."""
    words: dict[str, str] = {}
    """The Assessor's text by section."""

    @property
    def months_passed(self) -> int:
        """How many of the year's months are over."""
        months = len(self.figures.received.by_month)
        if not self.is_running:
            return months
        begun = 12 * (self.drafted_on.year - self.first.year) + self.drafted_on.month - self.first.month
        return min(months, max(0, begun))

    @property
    def last_year_mismatch(self) -> str | None:
        """Difference between last year's published report and the record; None: they agree."""
        brought_forward = self.figures.balance.brought_forward
        if self.last_year is None or self.last_year.figures.balance.awaiting == brought_forward:
            return None
        awaiting = self.last_year.figures.balance.awaiting
        return (
            f"The report of {self.last_year.name} says that {awaiting:,} awaited an opinion; "
            f"the record has {brought_forward:,}."
        )


class LastYearError(ValueError):
    """The file is not the report of the year before."""


def read_last_year(text: str, policy: Policy, year: Year) -> LastYear:
    """Parse last year's report from its JSON. Raises LastYearError."""
    try:
        published = AnnualReport.model_validate_json(text)
    except ValidationError as error:
        raise LastYearError("not an annual report as JSON; give a file such as annual-2025.json") from error
    if (published.policy, published.year) != (policy.id, year.year - 1):
        expected = f"{policy.id} for {Year.of(policy, year.year - 1).name}"
        raise LastYearError(f"the report of {published.policy} for {published.name}; give that of {expected}")
    return LastYear(name=published.name, figures=published.figures)


class ReportWithReferences(BaseModel):
    """A report, and the references of its findings, which the report omits."""

    report: AnnualReport
    references: list[str]


async def build_report(
    engine: AsyncEngine,
    policy: Policy,
    year: Year,
    now: datetime,
    cases_resolved: int | None = None,
    last_year: LastYear | None = None,
) -> ReportWithReferences:
    """Build a year's report from one snapshot of the record.

    `cases_resolved` is the number of cases in the year. `last_year` None: compare with the record.
    Raises UnbalancedError, RecordUnreachableError, RecordError.
    """
    async with open_snapshot(engine) as snapshot:
        figures = await read_figures(snapshot, policy, year, cases_resolved)
        previous = last_year or await _read_last_year(snapshot, policy, year)
        references, findings = await _read_findings(snapshot, policy, year)
        _, last_year_findings = await _read_findings(snapshot, policy, Year.of(policy, year.year - 1))
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
        case_handler=policy.case_handler.title if policy.case_handler else None,
        tiers={tier.id: tier.title for tier in policy.tiers},
        figures=figures,
        last_year=previous,
        findings=findings,
        last_year_findings=last_year_findings,
    )
    return ReportWithReferences(report=report, references=references)


async def _read_last_year(snapshot: Snapshot, policy: Policy, year: Year) -> LastYear | None:
    previous = Year.of(policy, year.year - 1)
    figures = await read_figures(snapshot, policy, previous, None)
    return None if figures.are_empty else LastYear(name=previous.name, figures=figures)


async def _read_findings(snapshot: Snapshot, policy: Policy, year: Year) -> tuple[list[str], list[Finding]]:
    """Read the findings, and the references of their complaints in the same order."""
    rows = await snapshot.rows("findings", start=year.start, end=year.end, policy=policy.id, review=policy.tiers[-1].id)
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
