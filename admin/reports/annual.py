"""Write the annual report into a folder."""

import asyncio
from pathlib import Path

from admin.shared.connections import Connections
from admin.shared.errors import CommandError, Exit, bad_input
from admin.shared.input_files import unreadable, unwritable
from admin.shared.output import out as console
from admin.shared.output import print_error, print_json
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.policy import Policy
from complaints.reports.annual import LastYear, LastYearError, build_report, read_last_year
from complaints.reports.assessor_text import AssessorTextError, add_assessor_text
from complaints.reports.complaint_figures import UnbalancedError
from complaints.reports.period import NoReportError, Year
from complaints.reports.report_files import render_files, write_files
from complaints.runtime.clock import now


async def write_annual_report(
    connections: Connections,
    policy: Policy,
    begins: int,
    cases_resolved: int | None,
    last_year: str | None,
    words: str | None,
    out: str,
    *,
    as_json: bool,
) -> None:
    """Write the report of the year that begins in `begins`.

    Raises CommandError, also if the figures do not add up.
    """
    year, before = _read(policy, begins, last_year)
    try:
        async with connections.record(timeout_seconds=None) as engine:
            figures = await build_report(engine, policy, year, now(), cases_resolved, before)
            report = await add_assessor_text(engine, figures, Path(words) if words else None)
    except UnbalancedError as error:
        raise CommandError(Exit.FAILED, str(error)) from error
    except AssessorTextError as error:
        raise bad_input(*(f"--words: {line}" for line in str(error).splitlines())) from error
    try:
        files = await asyncio.to_thread(lambda: write_files(render_files(report), Path(out)))
    except OSError as error:
        raise bad_input(f"--out: {unwritable(out, error)}") from error
    if report.last_year_mismatch:
        print_error(report.last_year_mismatch)
    if as_json:
        print_json({"files": [str(path) for path in files], "is_running": report.is_running})
        return
    for path in files:
        console.print(str(path))
    if report.is_running:
        console.print(f"The year is still running: it ends on {format_date(report.last)}.")


def _read(policy: Policy, begins: int, last_year: str | None) -> tuple[Year, LastYear | None]:
    """Return the year, and last year's report if it is given. Raises CommandError."""
    try:
        year = Year.of(policy, begins)
    except NoReportError as error:
        raise bad_input(f"--policy: {error}") from error
    if year.start > now():
        begin = format_date(year.first)
        raise bad_input(f"--year: {year.name} has not begun, it begins on {begin}; give an earlier year")
    if last_year is None:
        return year, None
    try:
        return year, read_last_year(Path(last_year).read_text(encoding="utf-8"), policy, year)
    except (OSError, UnicodeDecodeError) as error:
        raise bad_input(f"--last-year: {unreadable(last_year, error)}") from error
    except LastYearError as error:
        raise bad_input(f"--last-year: {last_year}: {error}") from error
