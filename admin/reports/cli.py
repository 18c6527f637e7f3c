"""`report annual`, `report timeliness`, `export`: what the record says in figures, and the record itself."""

from typing import Annotated

import typer

from admin.shared.context import CommandContext
from admin.shared.dates import read_count, read_period, read_year
from admin.shared.errors import bad_input
from admin.shared.options import Json, Panel, flag, needed, option

DAY = "as 2026-04-01"
BY = ("tier", "aspect", "holder", "month")
FORMATS = ("jsonl", "csv", "parquet")

app = typer.Typer()
report = typer.Typer(
    help="The annual report to the Board, and how timely complaints are answered.",
    epilog="Example: complaints report annual --year 2026 --cases-resolved 210000 --out reports",
)

From = Annotated[str | None, needed("DATE", f"The first day, {DAY}.", "--from")]
To = Annotated[str | None, needed("DATE", f"The last day, {DAY}.", "--to")]
PolicyOption = Annotated[
    str | None, option("NAME", "Of complaints under this policy; else COMPLAINTS_POLICY.", "--policy")
]


@report.command("annual", epilog="Example: complaints report annual --year 2026 --cases-resolved 210000 --out reports")
def annual(
    year: Annotated[
        str | None, needed("YEAR", "In which it begins: 2026 for April 2026 to March 2027.", "--year")
    ] = None,
    cases_resolved: Annotated[
        str | None, option("N", "Cases resolved in the year: complaints as a share of them.")
    ] = None,
    last_year: Annotated[
        str | None, option("FILE", "Last year's report as published (its JSON); else what the record says of it.")
    ] = None,
    words: Annotated[
        str | None, option("DIR", "The Assessor's own words: foreword.txt, reviews.txt and so on.")
    ] = None,
    out: Annotated[str | None, needed("DIR", "Where annual-YEAR.html, .pdf, .csv and .json are put.", "--out")] = None,
    policy: PolicyOption = None,
    json: Json = False,
) -> None:
    """The Independent Assessor's annual report to the Board, as a page, a PDF and data."""
    from admin.reports.annual import write_annual_report
    from admin.shared.connections import Connections, run

    surroundings = CommandContext.read()
    chosen, errors = surroundings.policy(policy), list[str]()
    begins = read_year(year, errors)
    cases = read_count("--cases-resolved", cases_resolved, errors)
    if out is None:
        errors.append("--out: is needed")
    if errors or begins is None or out is None:
        raise bad_input(*errors)
    run(write_annual_report(Connections(surroundings), chosen, begins, cases, last_year, words, out, as_json=json))


@report.command(
    "timeliness", epilog="Example: complaints report timeliness --from 2026-04-01 --to 2026-06-30 --by tier"
)
def timeliness(
    from_: From = None,
    to: To = None,
    by: Annotated[str, option("|".join(BY), "What figures are told apart by; else tier.", "--by")] = "tier",
    csv: Annotated[bool, flag("Print CSV, for spreadsheets.", "--csv")] = False,
    chart: Annotated[str | None, option("FILE", "Also draw a chart into this SVG file.", "--chart")] = None,
    policy: PolicyOption = None,
    json: Json = False,
) -> None:
    """How timely complaints are acknowledged and answered, and what comes of them."""
    from admin.reports.timeliness import print_timeliness
    from admin.shared.connections import Connections, run

    surroundings = CommandContext.read()
    chosen, errors = surroundings.policy(policy), list[str]()
    period = read_period(chosen, from_, to, errors)
    if by not in BY:
        errors.append(f"--by: there is no {by}; give one of {', '.join(BY)}")
    if csv and json:
        errors.append("--csv, --json: give one of them")
    if errors or period is None:
        raise bad_input(*errors)
    run(print_timeliness(Connections(surroundings), chosen, period, by, chart, as_csv=csv, as_json=json))


@app.command(
    "export",
    epilog="Example: complaints export --from 2026-04-01 --to 2027-03-31 --format csv --out record.csv",
    rich_help_panel=Panel.REPORTS,
)
def export(
    from_: From = None,
    to: To = None,
    format_: Annotated[
        str, option("|".join(FORMATS), "A complaint a line (jsonl), or an event a row; else jsonl.", "--format")
    ] = "jsonl",
    words: Annotated[bool, flag("Also who complained and what people said and wrote.", "--words")] = False,
    out: Annotated[str | None, option("FILE", "Where to; else standard output.", "--out")] = None,
) -> None:
    """Write out the record of all complaints received from the first day to the last."""
    from admin.reports.export import write_export
    from admin.shared.connections import Connections, run

    surroundings = CommandContext.read()
    errors: list[str] = []
    period = read_period(surroundings.policy(), from_, to, errors)
    if format_ not in FORMATS:
        errors.append(f"--format: there is no {format_}; give one of {', '.join(FORMATS)}")
    if format_ == "parquet" and out is None:
        errors.append("--out: is needed for parquet")
    if errors or period is None:
        raise bad_input(*errors)
    run(write_export(Connections(surroundings), period, format_, out, words=words))


app.add_typer(report, name="report", rich_help_panel=Panel.REPORTS)
