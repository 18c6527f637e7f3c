"""`report annual`, `report timeliness`, `export`: reports, and the record as data."""

from typing import Annotated

import typer

from admin.shared.context import CommandContext
from admin.shared.dates import read_period, read_year
from admin.shared.errors import CommandError, Exit, bad_input
from admin.shared.numbers import read_number
from admin.shared.options import Json, Panel, code_option, flag, needed, option
from admin.shared.pager import pager
from complaints.formatting.suggestion import unknown_name

BY = ("tier", "aspect", "holder", "month")
FORMATS = ("jsonl", "csv", "parquet")
MAX_CASES = 10**15

app = typer.Typer()
report = typer.Typer(
    help="The annual report to the Board, and a report on timeliness.",
    epilog="Example: complaints report annual --year 2026 --cases-resolved 210000 --out reports",
)

From = Annotated[str | None, needed("DATE", "The first day, such as 2026-04-01.", "--from")]
To = Annotated[str | None, needed("DATE", "The last day, such as 2026-06-30.", "--to")]
PolicyOption = Annotated[
    str | None, option("NAME", "Only complaints under this policy; else under COMPLAINTS_POLICY.", "--policy")
]


@report.command("annual", epilog="Example: complaints report annual --year 2026 --cases-resolved 210000 --out reports")
def annual(
    year: Annotated[
        str | None, needed("YEAR", "The year in which it begins: 2026 for April 2026 to March 2027.", "--year")
    ] = None,
    cases_resolved: Annotated[
        str | None, option("N", "How many cases were resolved in the year, for the share of complaints.")
    ] = None,
    last_year: Annotated[
        str | None, option("FILE", "The JSON of last year's published report; else the record's figures.")
    ] = None,
    words: Annotated[
        str | None, option("DIR", "A folder with the Assessor's own text: foreword.txt, reviews.txt and so on.")
    ] = None,
    out: Annotated[str | None, needed("DIR", "The folder for annual-YEAR.html, .pdf, .csv and .json.", "--out")] = None,
    policy: PolicyOption = None,
    json: Json = False,
) -> None:
    """Write the Independent Assessor's annual report to the Board, as a page, a PDF and data."""
    from complaints.reports.charts.availability import NEEDS_MATPLOTLIB, can_draw

    if not can_draw():
        raise CommandError(Exit.FAILED, f"report annual: {NEEDS_MATPLOTLIB}")
    from admin.reports.annual import write_annual_report
    from admin.shared.connections import Connections, run

    context = CommandContext.read()
    loaded_policy, errors = context.policy(policy), list[str]()
    begins = read_year("--year", year, errors)
    if year is None:
        errors.append("--year: is needed")
    cases = read_number("--cases-resolved", cases_resolved, errors, 0, MAX_CASES, "a whole number, such as 210000")
    if out is None:
        errors.append("--out: is needed")
    if errors or begins is None or out is None:
        raise bad_input(*errors)
    run(write_annual_report(Connections(context), loaded_policy, begins, cases, last_year, words, out, as_json=json))


@report.command(
    "timeliness", epilog="Example: complaints report timeliness --from 2026-04-01 --to 2026-06-30 --by tier"
)
def timeliness(
    from_: From = None,
    to: To = None,
    by: Annotated[str, code_option("|".join(BY), "How complaints are grouped; else by tier.", BY, "--by")] = "tier",
    csv: Annotated[bool, flag("Print CSV, for spreadsheets.", "--csv")] = False,
    chart: Annotated[str | None, option("FILE", "Also draw a chart into this SVG file.", "--chart")] = None,
    policy: PolicyOption = None,
    json: Json = False,
) -> None:
    """Report how timely complaints are acknowledged and answered, and their outcomes."""
    from admin.reports.timeliness import print_timeliness
    from admin.shared.connections import Connections, run

    context = CommandContext.read()
    loaded_policy, errors = context.policy(policy), list[str]()
    period = read_period(loaded_policy, from_, to, errors)
    if by not in BY:
        errors.append(f"--by: {unknown_name(by, BY)}")
    if csv and json:
        errors.append("--csv, --json: give only one of them")
    if errors or period is None:
        raise bad_input(*errors)
    with pager():
        run(print_timeliness(Connections(context), loaded_policy, period, by, chart, as_csv=csv, as_json=json))


@app.command(
    "export",
    epilog="Example: complaints export --from 2026-04-01 --to 2027-03-31 --format csv --out record.csv",
    rich_help_panel=Panel.REPORTS,
)
def export(
    from_: From = None,
    to: To = None,
    format_: Annotated[
        str,
        code_option(
            "|".join(FORMATS), "One complaint a line (jsonl), or one event a row; else jsonl.", FORMATS, "--format"
        ),
    ] = "jsonl",
    words: Annotated[bool, flag("Include personal data: who complained, and free text.", "--words")] = False,
    out: Annotated[str | None, option("FILE", "The file to write; else, or for -, standard output.", "--out")] = None,
) -> None:
    """Export the record of all complaints received from the first day to the last."""
    from admin.reports.export import write_export
    from admin.shared.connections import Connections, run

    context = CommandContext.read()
    errors: list[str] = []
    out = None if out == "-" else out
    period = read_period(context.policy(), from_, to, errors)
    if format_ not in FORMATS:
        errors.append(f"--format: {unknown_name(format_, FORMATS)}")
    if format_ == "parquet" and out is None:
        errors.append("--out: is needed for parquet; give a file")
    if errors or period is None:
        raise bad_input(*errors)
    run(write_export(Connections(context), period, format_, out, words=words))


app.add_typer(report, name="report", rich_help_panel=Panel.REPORTS)
