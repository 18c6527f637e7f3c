"""With Temporal, PostgreSQL or all workers down: exit code 4 and one line, in time."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from importlib import resources
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from admin.shared import complaints
from complaints.procedure.views.views import ComplaintView
from complaints.records import queries
from complaints.records.database import RecordUnreachableError
from complaints.runtime.clock import now
from complaints.temporal import calls
from local.ephemeral_stack import EphemeralStack
from tests.admin.cli_runner import CliRunner, form
from worker.composition import make_worker

NOBODY = "127.0.0.1:1"
NO_DATABASE = f"postgresql+asyncpg://nobody:secret@{NOBODY}/none"
HURRIED = "acknowledge_within = { seconds = 2 }"


@pytest.mark.parametrize("command", [["show"], ["explain"], ["advance", "--days", "1"]])
async def test_without_temporal_a_command_ends_in_one_line(
    cli: CliRunner, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", NOBODY)
    result = await cli(command[0], "S-0", *command[1:], "--json")
    says = f"Temporal at {NOBODY} cannot be reached: Connection refused"
    assert (result.code, result.json, result.errors) == (4, {"error": [says]}, [says])


@pytest.mark.parametrize("command", [["resolve", "S-0"], ["resolve", "S-0", "--signal"], ["answer", "S-0", "a-1"]])
async def test_without_the_service_an_act_ends_in_one_line(
    cli_offline: CliRunner, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMPLAINTS_URL", f"http://{NOBODY}")
    for options in ([], ["--as", "op"]):
        result = await cli_offline(*command, *options, "--json")
        assert (result.code, result.json["error"], len(result.errors)) == (4, result.errors, 1)
        assert result.err.startswith(f"the complaints service at http://{NOBODY} does not answer: ")


async def test_without_the_service_no_form_is_opened(cli_offline: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COMPLAINTS_URL", f"http://{NOBODY}")
    assert (await cli_offline("open", cli_offline.write_file(form()))).code == 4


async def test_without_settings_and_local_stack_the_error_names_both(cli_offline: CliRunner) -> None:
    result = await cli_offline("list")
    assert (result.code, result.errors) == (
        4,
        ["COMPLAINTS_DATABASE_URL is not set, and no local stack runs (make up)"],
    )


async def test_a_missing_namespace_is_named(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "elsewhere")
    result = await cli("show", "S-0")
    assert (result.code, "Namespace elsewhere is not found" in result.err) == (4, True)


async def test_without_postgresql_a_command_ends_in_one_line(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    complaint_form = form()
    reference = complaint_form["reference"]
    monkeypatch.setenv("COMPLAINTS_DATABASE_URL", NO_DATABASE)
    await cli.run("open", cli.write_file(complaint_form))
    await cli.run("withdraw", reference)
    assert (await cli.show(reference))["status"] == "closed"
    for command in (["list"], ["show", reference, "--words"], ["show", "S-0"]):
        result = await cli(*command, "--json")
        assert (result.code, result.json["error"]) == (4, result.errors)
        assert "PostgreSQL is unavailable: " in result.err
    assert f"{reference}: closed on" in (await cli.run("open", cli.write_file(complaint_form))).out


async def test_a_database_without_tables_needs_a_migration(
    cli: CliRunner, stack: EphemeralStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, _, _ = stack.database_url.rpartition("/")
    monkeypatch.setenv("COMPLAINTS_DATABASE_URL", f"{url}/postgres")
    result = await cli("list")
    assert result.code == 1
    assert result.err.strip().endswith("bring it up to date with: python -m complaints.records.migrate")


async def test_a_list_that_fails_midway_is_still_valid_json(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = await cli.open_complaint()
    await cli.wait_until_recorded(reference)

    real = queries.list_views

    async def breaks_off(engine: AsyncEngine, **filters: Any) -> AsyncGenerator[ComplaintView]:
        async with aclosing(real(engine, **filters)) as views:
            yield await anext(views)
            raise RecordUnreachableError("PostgreSQL went away")

    monkeypatch.setattr(queries, "list_views", breaks_off)
    result = await cli("list", "--json")
    assert (result.code, len(result.json), result.errors) == (4, 1, ["PostgreSQL went away"])


async def test_without_a_worker_an_act_times_out_and_the_error_says_how_to_ask(
    cli_without_worker: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = await cli_without_worker.open_complaint()
    monkeypatch.setattr(calls, "ANSWER_TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(complaints, "QUERY_TIMEOUT_SECONDS", 0.3)
    began = time.monotonic()
    result = await cli_without_worker("acknowledge", reference, "--as", "m.okafor", "--id", "a-7")
    assert time.monotonic() - began < 5
    ask = f"complaints answer {reference} a-7"
    assert (result.code, len(result.errors)) == (4, 1)
    assert result.errors[0].startswith("No worker answered.")
    assert result.errors[0].endswith(f"The act may still take effect. To ask: {ask}")
    assert (await cli_without_worker("answer", reference, "a-7")).code == 4
    for command in (["show", reference], ["explain", reference]):
        result = await cli_without_worker(*command)
        assert (result.code, result.errors) == (4, ["no worker answered; see that a worker runs"])


async def test_without_a_worker_show_and_explain_answer_from_the_record(
    cli_without_worker: CliRunner, client: Client, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = await cli_without_worker.open_complaint()
    async with make_worker(client, engine, "nobody"):
        await cli_without_worker.wait_until_recorded(reference)
        attended = [(await cli_without_worker.run(command, reference)).out for command in ("show", "explain")]
    monkeypatch.setattr(complaints, "QUERY_TIMEOUT_SECONDS", 0.3)
    assert [(await cli_without_worker.run(command, reference)).out for command in ("show", "explain")] == attended


def test_the_answer_timeout_leaves_a_second_for_the_start() -> None:
    assert calls.ANSWER_TIMEOUT_SECONDS == 9


async def test_a_signal_sent_without_a_worker_is_judged_at_its_sending_time(
    cli_without_worker: CliRunner, client: Client, engine: AsyncEngine
) -> None:
    policy = cli_without_worker.folder / "hurried.toml"
    tries = resources.files("complaints.policies") / "tries-by-hand.toml"
    policy.write_text(tries.read_text().replace("acknowledge_within = { seconds = 20 }", HURRIED))
    reference = await cli_without_worker.open_complaint("--policy", str(policy), received_at=now().isoformat())
    await cli_without_worker.run("acknowledge", reference, "--as", "m.okafor", "--signal")
    await asyncio.sleep(2)
    async with make_worker(client, engine, "nobody"):
        history = await cli_without_worker.show_after_event(reference, "acknowledge")
    acknowledgement = history["deadlines"][0]
    assert acknowledgement["met_at"] < acknowledgement["at"]
    assert acknowledgement["lapsed_at"] is None
    assert "lapse_withdrawn" in [event["kind"] for event in history["events"]]
