"""Build the annual report and the report on timeliness; export the record."""

import asyncio
import base64
from datetime import date
from http import HTTPStatus
from typing import Annotated

from pydantic import Field
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.policies.loader import load_policy, shipped_policies
from complaints.procedure.dates.date_format import LONG_MONTHS, format_date
from complaints.procedure.field_types import EARLIEST_YEAR, LATEST_YEAR, Integer
from complaints.procedure.policy import Policy, PolicyError
from complaints.reports.annual import LastYear, LastYearError, build_report, read_last_year
from complaints.reports.assessor_text import AssessorTextError, add_assessor_text
from complaints.reports.charts.availability import NEEDS_MATPLOTLIB, can_draw
from complaints.reports.complaint_figures import UnbalancedError
from complaints.reports.number_format import ASPECTS
from complaints.reports.period import NoReportError, Year
from complaints.reports.timeliness import GroupBy, TimelinessGroup, TimelinessReport, build_timeliness_report
from complaints.runtime.clock import now
from starter.api.problems import ProblemError, invalid_fields
from starter.service.export import PeriodQuery
from starter.service.models import AnswerModel, RequestModel

MAX_CASES = 10**15
CHART = "timeliness"


class TimelinessQuery(PeriodQuery):
    """Which complaints, and how they are grouped."""

    by: GroupBy = GroupBy.TIER
    """How complaints are grouped."""
    policy: str | None = None
    """Only complaints under this policy; without it, under the service's own."""


class NamedTimeliness(AnswerModel):
    """The report, and the name of each group for people."""

    report: TimelinessReport
    names: list[str]
    """In the order of `report.groups`."""
    columns: list[str]
    """The fields of a group, in their order in CSV."""


class AnnualRequest(RequestModel):
    """The year, and what the record does not have."""

    year: Annotated[Integer, Field(ge=EARLIEST_YEAR, le=LATEST_YEAR)]
    """The year in which it begins: 2026 for April 2026 to March 2027."""
    cases_resolved: Annotated[Integer, Field(ge=0, le=MAX_CASES)] | None = None
    """How many cases were resolved in the year."""
    last_year: str | None = None
    """The JSON of last year's published report, as text; without it, the record's figures."""
    words: dict[str, str] | None = None
    """The Assessor's own text by file name, such as foreword.txt and findings/C-1003.txt."""
    policy: str | None = None
    """The policy of the complaints; without it, the service's own."""


class AnnualFiles(AnswerModel):
    """The report as files."""

    files: dict[str, str]
    """The content of each file by its name, in base64."""
    last: date
    """The last day of the year."""
    is_running: bool
    """Whether the year has not ended."""
    last_year_mismatch: str | None
    """How last year's published report differs from the record."""


def read_policy_name(own: Policy, name: str | None) -> Policy:
    """Return a policy by its name; None: the service's own. Raises ProblemError."""
    if name is None or name == own.id:
        return own
    if name not in shipped_policies():
        raise invalid_fields([f"policy: there is no policy {name!r}; give one of {', '.join(shipped_policies())}"])
    try:
        return load_policy(name)
    except PolicyError as error:
        raise invalid_fields([f"policy: {error}"]) from None


async def build_timeliness(engine: AsyncEngine, own: Policy, query: TimelinessQuery) -> NamedTimeliness:
    """Build the report from one snapshot. Raises ProblemError, RecordError."""
    policy = read_policy_name(own, query.policy)
    report = await build_timeliness_report(engine, policy, query.period(policy), query.by)
    columns = list(report.all.model_dump() if report.all else TimelinessGroup.model_fields)[1:]
    names = [_name(policy, report.by, group) for group in report.groups]
    return NamedTimeliness(report=report, names=names, columns=columns)


async def draw_timeliness(engine: AsyncEngine, own: Policy, query: TimelinessQuery) -> str:
    """Draw the report as SVG. Raises ProblemError, RecordError."""
    _require_matplotlib()
    named = await build_timeliness(engine, own, query)
    groups = named.report.groups
    title = f"How timely answers were, {format_date(named.report.first)} to {format_date(named.report.last)}"
    parts = [
        ("in time by the first date", [each.answered_in_time_at_first for each in groups]),
        ("only as extended", [each.answered_in_time - each.answered_in_time_at_first for each in groups]),
        ("late", [each.answered - each.answered_in_time for each in groups]),
        ("not answered", [each.answer_missed for each in groups]),
    ]

    def draw() -> str:
        from complaints.reports.charts.drawing import stacked  # loads matplotlib

        return stacked(CHART, title, named.names, parts)

    return f"{await asyncio.to_thread(draw)}\n" if groups else ""


async def build_annual(engine: AsyncEngine, own: Policy, request: AnnualRequest) -> AnnualFiles:
    """Build a year's report, in every format. Raises ProblemError, RecordError."""
    _require_matplotlib()
    policy = read_policy_name(own, request.policy)
    year, before = _read_years(policy, request)
    try:
        figures = await build_report(engine, policy, year, now(), request.cases_resolved, before)
        report = await add_assessor_text(engine, figures, request.words)
    except UnbalancedError as error:
        raise ProblemError(HTTPStatus.INTERNAL_SERVER_ERROR, "unbalanced", str(error)) from error
    except AssessorTextError as error:
        raise invalid_fields(f"words: {line}" for line in str(error).splitlines()) from None

    def render() -> dict[str, str]:
        from complaints.reports.report_files import render_files  # loads matplotlib

        return {name: base64.b64encode(content).decode() for name, content in render_files(report).items()}

    return AnnualFiles(
        files=await asyncio.to_thread(render),
        last=report.last,
        is_running=report.is_running,
        last_year_mismatch=report.last_year_mismatch,
    )


def _read_years(policy: Policy, request: AnnualRequest) -> tuple[Year, LastYear | None]:
    """Return the year, and last year's report if it is given. Raises ProblemError."""
    try:
        year = Year.of(policy, request.year)
    except NoReportError as error:
        raise invalid_fields([f"policy: {error}"]) from None
    if year.start > now():
        begin = format_date(year.first)
        raise invalid_fields([f"year: {year.name} has not begun, it begins on {begin}; give an earlier year"])
    if request.last_year is None:
        return year, None
    try:
        return year, read_last_year(request.last_year, policy, year)
    except LastYearError as error:
        raise invalid_fields([f"last_year: {error}"]) from None


def _require_matplotlib() -> None:
    if not can_draw():
        raise ProblemError(HTTPStatus.NOT_IMPLEMENTED, "not_installed", f"The report {NEEDS_MATPLOTLIB}.")


def _name(policy: Policy, by: GroupBy, group: TimelinessGroup) -> str:
    key = group.key or ""
    if by is GroupBy.TIER:
        return policy.title_of(key)
    if by is GroupBy.ASPECT:
        return {str(aspect): name for aspect, name in ASPECTS.items()}[key]
    if by is GroupBy.MONTH:
        year, _, month = key.partition("-")
        return f"{LONG_MONTHS[int(month) - 1]} {year}"
    return key or "nobody"
