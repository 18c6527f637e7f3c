"""`report annual`, `report timeliness` and `export`: files, tables and errors."""

import csv
import json
import os
from datetime import date
from pathlib import Path
from xml.etree import ElementTree

import pyarrow.parquet
import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from tests.admin.cli_runner import CliRunner
from tests.reports.sample_complaints import SampleComplaint, put_on_record
from tests.starter.api.service import Service

YEAR = 2011
"""No other test has a complaint in this year."""
SPAN = ("--from", f"{YEAR}-04-01", "--to", f"{YEAR + 1}-03-31")


@pytest.fixture
async def cli_with_record(
    cli_offline: CliRunner, engine: AsyncEngine, service: Service, monkeypatch: pytest.MonkeyPatch
) -> CliRunner:
    """Run commands on a record with a complaint of `YEAR`, as the lead of a tier."""
    monkeypatch.setenv("COMPLAINTS_URL", service.url)
    monkeypatch.setenv("COMPLAINTS_STAFF", "lead.manager")
    sample = SampleComplaint("reported", date(YEAR, 5, 2)).at_the_assessor(
        remedies=[{"kind": "compensation", "pence": 7_500}]
    )
    await put_on_record(engine, [sample.complaint])
    return cli_offline


async def test_the_annual_report_is_written_into_a_folder(cli_with_record: CliRunner, tmp_path: Path) -> None:
    folder = tmp_path / "reports"
    options = ("report", "annual", "--year", str(YEAR), "--cases-resolved", "50", "--out", folder)
    result = await cli_with_record.run(*options, "--json")
    assert result.json["files"] == [
        str(folder / f"annual-{YEAR}.{ending}") for ending in ("html", "pdf", "csv", "json")
    ]
    figures = json.loads((folder / f"annual-{YEAR}.json").read_text(encoding="utf-8"))["figures"]
    assert figures["received"]["per_hundred_cases"] == 2.0
    assert (figures["balance"]["referred"], figures["balance"]["awaiting"]) == (1, 1)
    last_year = folder / f"annual-{YEAR}.json"
    refused = await cli_with_record(*options, "--last-year", last_year)
    assert refused.code == 2
    [line] = refused.errors
    assert line.endswith(
        "the report of financial-ombudsman-service for 2011/12; give that of financial-ombudsman-service for 2010/11"
    )


async def test_timeliness_is_printed_as_a_table_or_data_and_drawn_as_a_chart(
    cli_with_record: CliRunner, tmp_path: Path
) -> None:
    chart = tmp_path / "chart.svg"
    table = (await cli_with_record.run("report", "timeliness", *SPAN, "--chart", chart)).out
    assert "Customer Complaints team" in table
    assert ElementTree.fromstring(chart.read_text(encoding="utf-8")).tag.endswith("svg")  # noqa: S314 - our own
    timeliness = (await cli_with_record.run("report", "timeliness", *SPAN, "--by", "month", "--json")).json
    assert [(group["key"], group["received"]) for group in timeliness["groups"]] == [("2011-05", 3)]
    assert timeliness["all"]["compensation_pence"] == 7_500
    lines = list(csv.DictReader((await cli_with_record.run("report", "timeliness", *SPAN, "--csv")).out.splitlines()))
    assert [line["tier"] for line in lines] == ["manager", "customer_complaints_team", "independent_assessor", "all"]
    none = await cli_with_record.run("report", "timeliness", "--from", "1990-01-01", "--to", "1990-01-31")
    assert none.out == "No complaint reached a tier from Mon 1 Jan 1990 to Wed 31 Jan 1990.\n"


async def test_each_export_format_has_the_same_events(cli_with_record: CliRunner, tmp_path: Path) -> None:
    line = (await cli_with_record.run("export", *SPAN, "--out", "-")).out
    events = json.loads(line)["events"]
    rows = list(csv.DictReader((await cli_with_record.run("export", *SPAN, "--format", "csv")).out.splitlines()))
    assert [row["kind"] for row in rows] == [event["kind"] for event in events]
    file = tmp_path / "record.parquet"
    await cli_with_record.run("export", *SPAN, "--format", "parquet", "--out", file)
    table = pyarrow.parquet.read_table(file)
    assert table.column("kind").to_pylist() == [event["kind"] for event in events]
    assert os.listdir(tmp_path) == ["record.parquet"]  # noqa: PTH208 - no temporary file is left


async def test_all_errors_are_listed_at_once(cli_with_record: CliRunner) -> None:
    annual = await cli_with_record("report", "annual", "--year", "twenty", "--cases-resolved", "-1")
    assert (annual.code, annual.errors) == (
        2,
        [
            "--year: give a year from 1900 to 2199",
            "--cases-resolved: give a whole number, such as 210000",
            "--out: is needed",
        ],
    )
    timely = await cli_with_record("report", "timeliness", "--from", "2026-02-30", "--by", "colour", "--csv", "--json")
    assert (timely.code, timely.errors) == (
        2,
        [
            "--from: there is no such day; correct it",
            "--to: is needed",
            "--by: there is no colour; give tier, aspect, holder or month",
            "--csv, --json: give only one of them",
        ],
    )
    export = await cli_with_record("export", "--from", "2026-04-02", "--to", "2026-04-01", "--format", "parquet")
    assert (export.code, export.errors) == (
        2,
        [
            "--to: 2026-04-01 is before --from, 2026-04-02; give a later day",
            "--out: is needed for parquet; give a file",
        ],
    )
    future = await cli_with_record("report", "annual", "--year", "2190", "--out", "reports")
    assert (future.code, future.errors) == (
        2,
        ["--year: 2190/91 has not begun, it begins on Thu 1 Apr 2190; give an earlier year"],
    )
    landlord = await cli_with_record(
        "report", "annual", "--year", "2020", "--out", "x", "--policy", "housing-complaint-handling-code"
    )
    assert landlord.code == 2
    assert landlord.errors[0].startswith("--policy: the policy housing-complaint-handling-code has no annual report")
