"""On a terminal an act is shown first, and sent only after a yes. --preview only shows it."""

import asyncio
import os
import pty
import subprocess
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.procedure.dates.date_format import format_date
from complaints.runtime.clock import now
from tests.admin.cli_runner import CliRunner, TypeAhead, reply
from tests.admin.test_console_script import SCRIPT
from tests.starter.api.service import Service, serving


async def events(cli: CliRunner, reference: str) -> list[Any]:
    return [event["kind"] for event in (await cli.show(reference))["events"]]


async def test_a_yes_sends_what_was_shown(cli: CliRunner, type_ahead: TypeAhead) -> None:
    reference = await cli.open_complaint()
    type_ahead("y\n")
    by = now().date() + timedelta(days=365)
    remedies = ("--remedy", "compensation:1,000.00", "--remedy", "action:ring back", "--by", f"{by:%-d %B %Y}")
    result = await cli.run("reply", reference, *reply("m.okafor", *remedies))
    for shown in (
        f"{reference}: Ada Example, customer, case K-1",
        "Manager: awaiting acknowledgement, held by m.okafor",
        "outcome        upheld",
        "compensation of £1,000.00",
        f"undertaking 2  ring back, by {format_date(by)}",
        "by email to Ada Example, ada@example.org",
        "then           Manager, awaiting complainant",
        "Go on? [y/N]",
    ):
        assert shown in result.err
    assert "replied, upheld" in result.out
    assert "holds" not in result.err


@pytest.mark.parametrize("typed", ["n\n", "\n", "yess\n", "\x04"])
async def test_any_other_answer_does_nothing(cli: CliRunner, type_ahead: TypeAhead, typed: str) -> None:
    reference = await cli.open_complaint()
    before = await events(cli, reference)
    type_ahead(typed)
    result = await cli("acknowledge", reference, "--as", "m.okafor")
    assert (result.code, result.errors[-1]) == (1, "Go on? [y/N] nothing has been sent or recorded")
    assert await events(cli, reference) == before


async def test_yes_as_an_option_asks_nothing(cli: CliRunner, type_ahead: TypeAhead) -> None:
    del type_ahead
    reference = await cli.open_complaint()
    result = await cli.run("acknowledge", reference, "--as", "m.okafor", "--yes")
    assert result.err == ""


async def test_a_holder_who_is_somebody_else_is_named_first(cli: CliRunner, type_ahead: TypeAhead) -> None:
    reference = await cli.open_complaint()
    type_ahead("n\n")
    result = await cli("acknowledge", reference, "--as", "m.silva")
    assert result.errors[0] == f"m.okafor holds {reference}, not m.silva."
    preview = await cli.run("acknowledge", reference, "--as", "m.silva", "--preview")
    assert preview.out.splitlines()[0] == f"m.okafor holds {reference}, not m.silva."


async def test_what_a_number_means_is_shown(cli: CliRunner, type_ahead: TypeAhead) -> None:
    reference = await cli.open_complaint()
    await cli.run("reply", reference, *reply("m.okafor", "--remedy", "compensation:2,000", "--yes"))
    type_ahead("n\n")
    carried_out = await cli("carry-out", reference, "1", "--as", "m.okafor")
    assert "undertaking  1" in carried_out.err
    assert "compensation of £2,000.00, by " in carried_out.err
    type_ahead("n\n")
    classified = await cli("classify", reference, "1", "--as", "m.okafor", "--aspect", "delay", "--reason", "x")
    assert (classified.code, "Go on?" in classified.err) == (3, False)
    type_ahead("n\n")
    escalated = await cli("escalate", reference, "--as", "op", "--to", "customer complaints team")
    assert "to      Customer Complaints team" in escalated.err


async def test_what_would_be_refused_is_refused_without_a_question(cli: CliRunner, type_ahead: TypeAhead) -> None:
    del type_ahead
    reference = await cli.open_complaint()
    result = await cli("carry-out", reference, "1", "--as", "m.okafor")
    assert (result.code, "Go on?" in result.err, "(no_such_number)" in result.err) == (3, False, True)


async def test_a_repeat_of_an_act_gets_its_answer_without_a_question(cli: CliRunner, type_ahead: TypeAhead) -> None:
    reference = await cli.open_complaint()
    type_ahead("y\n")
    first = await cli.run("reply", reference, *reply("m.okafor", "--id", "mine", "--json"))
    again = await cli.run("reply", reference, *reply("m.okafor", "--id", "mine", "--json"))
    assert (again.json, again.err) == (first.json, "")


async def test_a_preview_prints_the_letter_and_does_nothing(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    before = await events(cli, reference)
    options = reply("m.okafor", "--remedy", "compensation:£75.00", "--preview")
    result = await cli.run("reply", reference, *options)
    assert "By email to Ada Example, ada@example.org" in result.out
    assert "Dear Ada Example" in result.out
    assert "It was slow." in result.out
    assert "£75" in result.out
    assert result.out.endswith("This is a preview: nothing has been sent or recorded.\n")
    preview = (await cli.run("reply", reference, *options, "--json")).json
    assert [letter["occasion"] for letter in preview["letters"]] == ["reply"]
    assert "Dear Ada Example" in preview["letters"][0]["text"]
    assert (preview["refused"], preview["status"]) == (None, "awaiting_complainant")
    assert await events(cli, reference) == before


async def test_the_preview_is_the_letter_that_is_sent(
    cli: CliRunner,
    service: Service,
    client: Client,
    engine: AsyncEngine,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    folder = tmp_path / "letters"
    folder.mkdir()
    (folder / "sender.toml").write_text('name = "Our office"\naddress = ["1 High Street"]\nemail = "us@example.org"\n')
    reference = await cli.open_complaint()
    async with serving(client, engine, service.key, letters=folder) as with_letters:
        monkeypatch.setenv("COMPLAINTS_URL", with_letters.url)
        preview = (await cli.run("acknowledge", reference, "--as", "m.okafor", "--preview", "--json")).json
        [letter] = preview["letters"]
        assert "Our office" in letter["text"]
        (folder / "sender.toml").write_text("name = 1")
        preview = (await cli.run("acknowledge", reference, "--as", "m.okafor", "--preview")).out
    assert "The letter cannot be shown: COMPLAINTS_LETTERS: sender.toml: name: give a text" in preview


async def test_a_preview_of_a_refused_act_exits_as_refused(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    before = await events(cli, reference)
    carry_out = ("carry-out", reference, "1", "--as", "m.okafor")
    result = await cli(*carry_out, "--preview")
    assert (result.code, "(no_such_number)" in result.err) == (3, True)
    assert await events(cli, reference) == before


async def test_a_day_that_was_typed_is_explained_before_and_after(cli: CliRunner, type_ahead: TypeAhead) -> None:
    reference = await cli.open_complaint()
    type_ahead("y\n")
    result = await cli.run("case-closed", reference, "--as", "op", "--on", "yesterday")
    for text in (result.err, result.out):
        assert "--on: yesterday means " in text
        assert " 12:00 (Europe/London)." in text
    other = await cli.open_complaint()
    closed = await cli.run("case-closed", other, "--as", "op", "--on", "yesterday", "--yes", "--json")
    assert closed.json["notes"][0].startswith("--on: yesterday means ")


async def test_today_is_that_of_the_complaints_own_clock(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    await cli.run("advance", reference, "--days", "3")
    result = await cli.run("reply", reference, *reply("m.okafor", "--sent-at", "yesterday"))
    shown = (await cli.show(reference))["events"]
    [replied] = [event for event in shown if event["kind"] == "reply"]
    assert replied["at"][:10] > "2026"
    assert "--sent-at: yesterday means " in result.out


async def test_a_misspelt_staff_id_leaves_no_trace(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    before = await events(cli, reference)
    for by, to in (("m.okafo", "m.silva"), ("m.okafor", "m.silv")):
        result = await cli("reassign", reference, "--as", by, "--to", to, "--reason", "x")
        assert (result.code, "(unknown_staff)" in result.err) == (3, True)
    await cli("acknowledge", reference, "--as", "m.okafo", "--signal")
    assert await events(cli, reference) == before


async def test_the_answer_to_an_act_can_be_asked_for(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    unknown = await cli("answer", reference, "a-1")
    assert (unknown.code, "the act has not come, or still waits" in unknown.err) == (1, True)
    given = await cli.run("acknowledge", reference, "--as", "m.okafor", "--id", "a-1", "--json")
    assert (await cli.run("answer", reference, "a-1", "--json")).json == given.json
    await cli("reply", reference, *reply("i.assessor", "--id", "a-2"))
    assert (await cli("answer", reference, "a-2")).code == 3


async def test_outcomes_are_read_in_any_case(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    options = ("--as", "m.okafor", "--outcome", "Partly Upheld", "--findings", "Slow.", "--remedy", "Apology")
    assert "partly upheld" in (await cli.run("reply", reference, *options, "--tier", "Manager")).out
    result = await cli.run("escalate", reference, "--as", "op", "--to", "Customer Complaints-team")
    assert "Customer Complaints team" in result.out


async def test_on_a_terminal_of_80_columns_no_line_is_longer(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    await cli.wait_until_recorded(reference)
    remedies = ("--remedy", "compensation:£1,000.00", "--remedy", f"action:{'ring back ' * 15}")
    shown = await asyncio.to_thread(_show_on_terminal, ["reply", reference, *reply("m.okafor", *remedies)])
    lines = shown.splitlines()
    assert max(map(len, lines)) <= 80, lines
    assert any("compensation of £1,000.00" in line for line in lines)


def _show_on_terminal(arguments: list[str]) -> str:
    """Run a command on a pseudo-terminal, and say no; return what it shows."""
    master, slave = pty.openpty()
    environment = {**os.environ, "COLUMNS": "80", "TERM": "dumb"}
    process = subprocess.Popen([SCRIPT, *arguments], stdin=slave, stdout=slave, stderr=slave, env=environment)  # noqa: S603
    os.close(slave)
    os.write(master, b"n\n")
    shown = b""
    while b"nothing has been sent" not in shown:
        shown += os.read(master, 4096)
    assert process.wait(60) == 1
    os.close(master)
    return shown.decode()
