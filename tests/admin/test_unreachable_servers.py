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
from tests.admin.cli_runner import Script, form
from worker.composition import make_worker

NOBODY = "127.0.0.1:1"
NO_DATABASE = f"postgresql+asyncpg://nobody:secret@{NOBODY}/none"
HURRIED = "acknowledge_within = { seconds = 2 }"


@pytest.mark.parametrize(
    "command", [["show"], ["explain"], ["advance", "--days", "1"], ["resolve", "--as", "m.o"], ["resolve", "--signal"]]
)
async def test_without_temporal_a_command_ends_in_one_line(
    script: Script, command: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", NOBODY)
    ran = await script(command[0], "S-0", *command[1:], "--json")
    says = f"Temporal at {NOBODY} cannot be reached: Connection refused"
    assert (ran.code, ran.json, ran.errors) == (4, {"error": [says]}, [says])


async def test_without_temporal_no_form_is_opened(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_ADDRESS", NOBODY)
    assert (await script("open", script.file(form()))).code == 4


async def test_without_settings_and_local_stack_the_error_names_both(alone: Script) -> None:
    ran = await alone("list")
    assert (ran.code, ran.errors) == (4, ["COMPLAINTS_DATABASE_URL is not set, and no local stack runs (make up)"])


async def test_a_missing_namespace_is_named(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TEMPORAL_NAMESPACE", "elsewhere")
    for ran in (await script("show", "S-0"), await script("resolve", "S-0"), await script("open", script.file(form()))):
        assert (ran.code, "Namespace elsewhere is not found" in ran.err) == (4, True)


async def test_without_postgresql_a_command_ends_in_one_line(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    given = form()
    reference = given["reference"]
    monkeypatch.setenv("COMPLAINTS_DATABASE_URL", NO_DATABASE)
    opened = await script.done("open", script.file(given))
    assert opened.out == f"{reference}: opened\n"
    assert "opening without the record" in opened.err
    assert "secret" not in opened.err
    await script.done("withdraw", reference)
    assert f"{reference}: closed on" in (await script.done("open", script.file(given))).out
    assert (await script("open", script.file(given | {"put_right": "Say sorry."}))).code == 3
    assert (await script.shown(reference))["status"] == "closed"
    for command in (["list"], ["show", reference, "--words"], ["show", "S-0"], ["resolve", "S-0"]):
        ran = await script(*command, "--json")
        assert (ran.code, ran.json["error"]) == (4, ran.errors)
        assert "PostgreSQL is unavailable: " in ran.err
    monkeypatch.delenv("COMPLAINTS_DATABASE_URL")
    assert f"{reference}: closed on" in (await script.done("open", script.file(given))).out


async def test_a_database_without_tables_needs_a_migration(
    script: Script, stack: EphemeralStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, _, _ = stack.database_url.rpartition("/")
    monkeypatch.setenv("COMPLAINTS_DATABASE_URL", f"{url}/postgres")
    ran = await script("list")
    assert ran.code == 1
    assert ran.err.strip().endswith("bring it up to date with: python -m complaints.records.migrate")


async def test_a_list_that_fails_midway_is_still_valid_json(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = await script.opened()
    await script.recorded(reference)

    real = queries.list_views

    async def breaks_off(engine: AsyncEngine, **filters: Any) -> AsyncGenerator[ComplaintView]:
        async with aclosing(real(engine, **filters)) as views:
            yield await anext(views)
            raise RecordUnreachableError("PostgreSQL went away")

    monkeypatch.setattr(queries, "list_views", breaks_off)
    ran = await script("list", "--json")
    assert (ran.code, len(ran.json), ran.errors) == (4, 1, ["PostgreSQL went away"])


async def test_without_a_worker_an_act_times_out_and_the_error_says_how_to_repeat_it(
    unattended: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = await unattended.opened()
    monkeypatch.setattr(calls, "ANSWER_TIMEOUT_SECONDS", 0.3)
    monkeypatch.setattr(complaints, "QUERY_TIMEOUT_SECONDS", 0.3)
    began = time.monotonic()
    ran = await unattended("acknowledge", reference, "--as", "m.okafor", "--id", "a-7")
    assert time.monotonic() - began < 5
    assert (ran.code, ran.errors) == (4, ["no worker answered; repeat it with --id a-7, or use --signal"])
    for command in ("show", "explain"):
        ran = await unattended(command, reference)
        assert (ran.code, ran.errors) == (4, ["no worker answered; see that a worker runs"])


async def test_without_a_worker_show_and_explain_answer_from_the_record(
    unattended: Script, client: Client, engine: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    reference = await unattended.opened()
    async with make_worker(client, engine, "nobody"):
        await unattended.recorded(reference)
        attended = [(await unattended.done(command, reference)).out for command in ("show", "explain")]
    monkeypatch.setattr(complaints, "QUERY_TIMEOUT_SECONDS", 0.3)
    assert [(await unattended.done(command, reference)).out for command in ("show", "explain")] == attended


def test_the_answer_timeout_leaves_a_second_for_the_start() -> None:
    assert calls.ANSWER_TIMEOUT_SECONDS == 9


async def test_a_signal_sent_without_a_worker_is_judged_at_its_sending_time(
    unattended: Script, client: Client, engine: AsyncEngine
) -> None:
    policy = unattended.folder / "hurried.toml"
    tries = resources.files("complaints.policies") / "tries-by-hand.toml"
    policy.write_text(tries.read_text().replace("acknowledge_within = { seconds = 20 }", HURRIED))
    reference = await unattended.opened("--policy", str(policy), received_at=now().isoformat())
    await unattended.done("acknowledge", reference, "--as", "m.okafor", "--signal")
    await asyncio.sleep(2)
    async with make_worker(client, engine, "nobody"):
        story = await unattended.shown_after(reference, "acknowledge")
    acknowledgement = story["deadlines"][0]
    assert acknowledgement["met_at"] < acknowledgement["at"]
    assert acknowledgement["lapsed_at"] is None
    assert "lapse_withdrawn" in [event["kind"] for event in story["events"]]
