"""`report annual`, `report timeliness`, `export`: reports, and the record as data."""

from typing import Annotated

import typer

from admin.shared.actor import ActorOption
from admin.shared.options import Json, Panel, code_option, flag, needed, option
from admin.shared.pager import pager

BY = ("tier", "aspect", "holder", "month")
FORMATS = ("jsonl", "csv", "parquet")

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
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Write the Independent Assessor's annual report to the Board, as a page, a PDF and data."""
    from admin.reports.annual import write_annual_report

    write_annual_report(year, cases_resolved, last_year, words, out, policy, by, as_json=json)


@report.command(
    "timeliness", epilog="Example: complaints report timeliness --from 2026-04-01 --to 2026-06-30 --by tier"
)
def timeliness(
    from_: From = None,
    to: To = None,
    group_by: Annotated[
        str, code_option("|".join(BY), "How complaints are grouped; else by tier.", BY, "--by")
    ] = "tier",
    csv: Annotated[bool, flag("Print CSV, for spreadsheets.", "--csv")] = False,
    chart: Annotated[str | None, option("FILE", "Also draw a chart into this SVG file.", "--chart")] = None,
    policy: PolicyOption = None,
    by: ActorOption = None,
    json: Json = False,
) -> None:
    """Report how timely complaints are acknowledged and answered, and their outcomes."""
    from admin.reports.timeliness import print_timeliness

    with pager():
        print_timeliness(from_, to, group_by, chart, policy, by, as_csv=csv, as_json=json)


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
    by: ActorOption = None,
) -> None:
    """Export the record of all complaints received from the first day to the last."""
    from admin.reports.export import write_export

    write_export(from_, to, format_, None if out == "-" else out, by, words=words)


app.add_typer(report, name="report", rich_help_panel=Panel.REPORTS)
