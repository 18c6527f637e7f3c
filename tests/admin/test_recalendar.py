"""Amend the calendar and recalculate open complaints (R14).

The tests amend Northern Ireland's calendar, which tests of other files use, too.
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.calendars.builder import calendar_for
from complaints.policies.loader import load_policy
from complaints.procedure.enums import Status
from complaints.records.calendar_amendments import list_amendments
from complaints.records.stale_calendars import list_stale
from complaints.records.tables.complaints import complaints
from complaints.runtime.clock import now
from tests.admin.cli_runner import AUDITOR, CliRunner
from tests.fixtures.asked_runs import asked_later
from worker.composition import make_operations_worker
from workflows import names
from workflows.recalendar import RecalendarLaterWorkflow

REGION = "northern-ireland"
POLICY = Path("complaints/policies/financial-ombudsman-service.toml")
BY = ("--as", "op", "--region", REGION)
NOTICED_WITHIN = 60.0
"""Seconds."""


@pytest.fixture
def region_options(tmp_path: Path) -> Sequence[str]:
    """Return options that open a complaint under the region's calendar."""
    policy = tmp_path / "there.toml"
    policy.write_text(POLICY.read_text(encoding="utf-8").replace("england-and-wales", REGION), encoding="utf-8")
    return ("--policy", str(policy))


@pytest.fixture(autouse=True)
async def no_other_complaint(engine: AsyncEngine) -> None:
    """Close what other tests have left open on this record: it may carry a stale calendar."""
    async with engine.begin() as connection:
        await connection.execute(complaints.update().values(status=str(Status.CLOSED)))


@pytest.fixture(autouse=True)
async def no_other_run(client: Client) -> None:
    """End a run of another test, which a command would join.

    Its task queue may have no worker any more.
    """
    for workflow_id in (names.RECALENDAR_ID, names.RECALENDAR_LATER_ID):
        with suppress(RPCError):  # none runs
            await client.get_workflow_handle(workflow_id).terminate()


def working_day(number: int) -> date:
    """Return the region's n-th working day after today."""
    policy = load_policy().model_copy(update={"region": REGION})
    return calendar_for(policy, now(), now()).working_day_after(now().date(), number)


async def due(cli: CliRunner, reference: str) -> str:
    return str((await cli.show(reference))["deadlines"][1]["due_on"])


async def wait_until_none_stale(engine: AsyncEngine) -> None:
    """Wait until the record lists no complaint of the region with a stale calendar."""
    async with asyncio.timeout(NOTICED_WITHIN):
        while True:
            regions = {each.carried.calendar.region async for each in list_stale(engine, by="op")}
            if REGION not in regions:
                return
            await asyncio.sleep(0.05)


async def test_a_holiday_announced_late_moves_open_dates(
    cli: CliRunner, engine: AsyncEngine, region_options: Sequence[str]
) -> None:
    references = [await cli.open_complaint(*region_options) for _ in range(3)]
    for reference in references:
        await cli.wait_until_recorded(reference)
    before, funeral = await due(cli, references[0]), working_day(6)
    assert before == str(working_day(10))

    added = await cli.run("calendar", "add", str(funeral), "State funeral", *BY, "--reason", "Announced.", "--json")
    assert added.json["open_complaints_with_another_calendar"] == 3
    [difference] = (await cli.run("calendar", "diff", "--json")).json["differences"]
    assert (difference["complaints"], difference["days"]) == (
        3,
        [{"on": str(funeral), "was": None, "now": "State funeral"}],
    )

    preview = (await cli.run("recalendar", "--dry-run", "--json")).json
    assert [each["reference"] for each in preview] == references
    assert [(each["of"], each["from_on"]) for each in preview[0]["changes"]] == [("manager: reply", before)]
    assert [each["affected"] for each in preview] == [True] * 3
    assert "3 dates move: 0 stop being late, 0 lapse" in (await cli.run("recalendar", "--dry-run")).out
    assert await due(cli, references[0]) == before

    run = (await cli.run("recalendar", "--as", "op", "--json")).json
    assert (run["total"], run["affected"], run["later"], run["is_finished"]) == (3, 3, 0, True)
    assert run["tally"]["redated"] == 3
    after = await due(cli, references[0])
    assert after == preview[0]["changes"][0]["to_on"] > before
    await wait_until_none_stale(engine)
    [move] = (await cli.run("explain", references[0], "--as", AUDITOR, "--json")).json[1]["moves"]
    assert (move["rule"], move["by"], move["to_on"], move["why"]) == ("R14", "op", after, "Announced.")
    again = (await cli.run("recalendar", "--as", "op", "--json")).json
    assert (again["total"], again["tally"]["redated"]) == (0, 0)
    assert "Every open complaint carries the working days in force." in (await cli.run("calendar", "diff")).out

    shown = (await cli.run("calendar", "show", "--region", REGION, "--year", str(funeral.year), "--json")).json
    assert {"on": str(funeral), "name": "State funeral", "counts": False, "from": "amendment 1"} in shown["days"]
    calculated = await cli.run(
        "calculate", "--from", f"{now():%Y-%m-%d}", "--working-days", "10", "--region", REGION, "--json"
    )
    assert calculated.json["due_on"] == after
    newcomer = await cli.open_complaint(*region_options)
    assert await due(cli, newcomer) == after
    assert "amendment 1" in (await cli.run("explain", newcomer)).out

    await cli.run("calendar", "strike", str(funeral), *BY, "--reason", "A mistake.")
    await cli.run("recalendar", "--as", "op")
    assert await due(cli, references[0]) == before
    assert [amendment.by for amendment in await list_amendments(engine, REGION)] == ["op", "op"]
    shown = await cli.run("calendar", "show", "--region", REGION)
    assert "struck" in shown.out
    assert "A mistake." in shown.out


async def test_complaints_without_a_date_that_changes_get_the_calendar_after_the_others(
    cli: CliRunner, engine: AsyncEngine, region_options: Sequence[str]
) -> None:
    holiday = working_day(30)
    [moved, kept] = [await cli.open_complaint(*region_options) for _ in range(2)]
    await cli.run("extend", moved, "--as", "m.okafor", "--to", str(holiday), "--explanation", "We wait for a call.")
    for reference in (moved, kept):
        await cli.wait_until_recorded(reference)
    await cli.run("calendar", "add", str(holiday), "Funeral", *BY, "--reason", "Announced.")
    previews = (await cli.run("recalendar", "--dry-run", "--json")).json
    assert [each["reference"] for each in previews if each["affected"]] == [moved]
    others = len(previews) - 1
    assert kept in [each["reference"] for each in previews]
    preview = (await cli.run("recalendar", "--dry-run")).out
    assert "The dates of 1 open complaint would change" in preview
    assert f"{others} more would get the calendar only for the dates that they set later." in preview

    done = (await cli.run("recalendar", "--as", "op")).out
    assert "Recalculated the dates of 1 complaint." in done
    assert f"{others} more get the calendar only for the dates that they set later" in done
    assert "complaints recalendar --progress" in done
    assert await due(cli, moved) == str(working_day(31))
    await wait_until_none_stale(engine)
    progress = (await cli.run("recalendar", "--progress", "--json")).json
    assert (progress["run"]["affected"], progress["run"]["later"]) == (1, others)
    assert progress["later"]["total"] in (others, others + 1), "the first one may not be on the record yet"
    shown = (await cli.run("recalendar", "--progress")).out
    assert "Dates that change: finished; 1 of 1 recalculated." in shown
    assert await count_recalendars(cli, moved, kept) == [1, 1]

    late = await cli("extend", kept, "--as", "m.okafor", "--to", str(holiday), "--explanation", "More.")
    assert late.code == 3, "its new calendar knows the holiday"
    await cli.run("calendar", "strike", str(holiday), *BY, "--reason", "A mistake.")
    await cli.run("recalendar", "--as", "op")
    await wait_until_none_stale(engine)


async def test_a_run_that_ended_is_shown_although_its_worker_is_gone(
    cli: CliRunner, client: Client, engine: AsyncEngine
) -> None:
    async with make_operations_worker(client, engine, "gone") as gone:
        later = await client.start_workflow(
            RecalendarLaterWorkflow.run,
            await asked_later(engine, "op"),
            id=names.RECALENDAR_LATER_ID,
            task_queue=gone.task_queue,
        )
        await later.result()
    assert (await cli.run("recalendar", "--as", "op", "--json")).json["is_finished"]
    assert (await cli.run("recalendar", "--progress", "--json")).json["later"]["is_finished"]


async def count_recalendars(cli: CliRunner, *references: str) -> list[int]:
    events = [(await cli.show(reference))["events"] for reference in references]
    return [sum(event["kind"] == "recalendar" for event in each) for each in events]


@pytest.mark.parametrize(("by", "code"), [("nobody.knows", "unknown_staff"), ("m.okafor", "no_such_right")])
async def test_an_unauthorised_actor_neither_amends_nor_recalculates(cli: CliRunner, by: str, code: str) -> None:
    result = await cli("recalendar", "--as", by, "--json")
    assert (result.code, result.json["code"]) == (3, code)
    amendment = ("add", str(working_day(40)), "Funeral", "--as", by, "--region", REGION, "--reason", "x", "--json")
    result = await cli("calendar", *amendment)
    assert (result.code, result.json["code"]) == (3, code)


@pytest.mark.parametrize(
    ("arguments", "errors"),
    [
        (
            ("add", "soon", " "),
            [
                "DATE: give a date such as 2026-12-09, 9 December 2026, 09/12/2026 or today",
                "NAME: must not be empty",
                "--reason: is needed",
            ],
        ),
        (
            ("add", "2026-12-26", "Boxing Day", "--as", "op", "--reason", "x", "--region", "moon"),
            [
                "DATE: Sat 26 Dec 2026 is no working day in any case; give a weekday",
                "--region: there is no moon; give england-and-wales, scotland or northern-ireland",
            ],
        ),
        (
            ("add", "2026-12-25", "Holiday", *BY, "--reason", "x"),
            ["DATE: Fri 25 Dec 2026 is a holiday in northern-ireland already (Christmas Day)"],
        ),
        (
            ("strike", "2026-12-09", *BY, "--reason", "x"),
            ["DATE: Wed 9 Dec 2026 is no holiday in northern-ireland; nothing to strike"],
        ),
        (("show", "--year", "0"), ["--year: give a year from 1900 to 2199"]),
    ],
)
async def test_an_invalid_amendment_is_bad_input(cli: CliRunner, arguments: Sequence[str], errors: list[str]) -> None:
    result = await cli("calendar", *arguments)
    assert (result.code, result.errors) == (2, errors)


async def test_a_preview_and_progress_exclude_each_other(cli: CliRunner) -> None:
    result = await cli("recalendar", "--dry-run", "--progress")
    assert (result.code, result.errors) == (2, ["--dry-run, --progress: give one of them"])
