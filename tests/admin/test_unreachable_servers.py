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

from complaints.procedure.views.views import RecordedView
from complaints.records import queries
from complaints.records.database import RecordUnreachableError
from complaints.runtime.clock import now
from complaints.temporal import calls
from starter.service import lookup
from tests.admin.cli_runner import CliRunner, form
from worker.composition import make_worker

NOBODY = "127.0.0.1:1"
HURRIED = "acknowledge_within = { seconds = 2 }"


@pytest.mark.parametrize("command", [["advance", "--days", "1"]])
async def test_without_temporal_a_command_ends_in_one_line(
    cli: CliRunner, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", NOBODY)
    result = await cli(command[0], "S-0", *command[1:], "--json")
    says = f"Temporal at {NOBODY} cannot be reached: Connection refused"
    assert (result.code, result.json, result.errors) == (4, {"error": [says]}, [says])


@pytest.mark.parametrize(
    "command",
    [
        *(["resolve", "S-0"], ["resolve", "S-0", "--signal"], ["answer", "S-0", "a-1"]),
        *(["show", "S-0"], ["explain", "S-0"], ["readings", "S-0"], ["list"], ["list", "--mine"], ["find", "ada"]),
    ],
)
async def test_without_the_service_a_command_ends_in_one_line(
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
        ["COMPLAINTS_URL is not set, and no local stack runs (make up); set it to the service's address"],
    )


async def test_a_list_that_fails_midway_is_still_valid_json(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = await cli.open_complaint()
    await cli.wait_until_recorded(reference)

    real = queries.list_views

    async def breaks_off(engine: AsyncEngine, **filters: Any) -> AsyncGenerator[RecordedView]:
        async with aclosing(real(engine, **filters)) as views:
            yield await anext(views)
            raise RecordUnreachableError("PostgreSQL went away")

    monkeypatch.setattr(queries, "list_views", breaks_off)
    result = await cli("list", "--json")
    assert (result.code, len(result.json), len(result.errors)) == (4, 1, 1)
    assert result.err.startswith("PostgreSQL went away")


async def test_without_a_worker_an_act_times_out_and_the_error_says_how_to_ask(
    cli_without_worker: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = await cli_without_worker.open_complaint()
    monkeypatch.setattr(calls, "ANSWER_TIMEOUT_SECONDS", 0.3)
    began = time.monotonic()
    result = await cli_without_worker("acknowledge", reference, "--as", "m.okafor", "--id", "a-7")
    assert time.monotonic() - began < 5
    ask = f"complaints answer {reference} a-7"
    assert (result.code, len(result.errors)) == (4, 1)
    assert result.errors[0].startswith("No worker answered.")
    assert result.errors[0].endswith(f"The act may still take effect. To ask: {ask}")
    assert (await cli_without_worker("answer", reference, "a-7")).code == 4
    monkeypatch.setattr(lookup, "QUERY_TIMEOUT_SECONDS", 0.3)
    for command in ("show", "explain"):
        result = await cli_without_worker(command, reference)
        assert (result.code, result.err.startswith("No worker answered.")) == (4, True)


async def test_without_a_worker_show_and_explain_answer_from_the_record(
    cli_without_worker: CliRunner, client: Client, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = await cli_without_worker.open_complaint()
    async with make_worker(client, engine, "nobody"):
        await cli_without_worker.wait_until_recorded(reference)
        attended = [(await cli_without_worker.run(command, reference)).out for command in ("show", "explain")]
    monkeypatch.setattr(lookup, "QUERY_TIMEOUT_SECONDS", 0.3)
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
