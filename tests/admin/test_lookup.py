"""`show` and `list`, as people read them."""

import asyncio

import pytest
from temporalio.client import Client

from admin.lookup import list as listing
from complaints.calendars.builder import calendar_for
from complaints.policies.loader import load_policy
from complaints.runtime.clock import now
from tests.admin.cli_runner import RECORDED_WITHIN, CliRunner, form, reply
from tests.fixtures.servers import delete_workflow

ODD = "[bold]not bold[/bold] [/x] :smile: 😀 \x1b[31mnot red\x07 \u202edlrow"
LONG_AGO = {"received_at": "2024-07-01T12:00:00Z", "told_case_handler_on": "2024-06-28"}
SHOWN = "[bold]not bold[/bold] [/x] :smile: 😀 \ufffd[31mnot red\ufffd \ufffddlrow"


async def test_show_uses_the_policys_time_zone(cli: CliRunner) -> None:
    reference = await cli.open_complaint(**LONG_AGO)
    result = await cli.run("show", reference)
    lines = result.out.splitlines()
    assert "received\tMon 1 Jul 2024 13:00" in lines
    assert "times\tEurope/London" in lines
    assert "status\tawaiting acknowledgement (overdue)" in lines
    assert "due\tacknowledgement by the end of Wed 3 Jul 2024" in lines


async def test_free_text_is_shown_under_its_event_without_markup(cli: CliRunner) -> None:
    reference = await cli.open_complaint(concerns=[{"aspect": "delay", "what_happened": ODD}])
    await cli.run("withdraw", reference, "--reason", ODD)
    await cli.wait_until_recorded(reference)
    assert ODD not in (await cli.run("show", reference)).out
    result = await cli.run("show", reference, "--words", "--as", "m.okafor")
    cells = [cell for line in result.out.splitlines() for cell in line.split("\t")]
    assert f"concern 1: {SHOWN}" in cells
    assert f"reason: {SHOWN}" in cells


async def test_json_has_the_free_text_of_each_event_unchanged(cli: CliRunner) -> None:
    reference = await cli.open_complaint(concerns=[{"aspect": "delay", "what_happened": ODD}])
    await cli.wait_until_recorded(reference)
    events = (await cli.run("show", reference, "--words", "--as", "m.okafor", "--json")).json["events"]
    assert events[0]["words"] == {"concern 1": ODD}
    assert events[1]["words"] == {}


async def test_undertakings_are_shown_without_markup(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    await cli.run("reply", reference, *reply("m.okafor", "--remedy", "action:[/x] write"))
    assert "[/x] write" in (await cli.run("show", reference, "--as", "m.okafor")).out
    assert "write" not in (await cli.run("show", reference, "--as", "op")).out


async def test_explain_lists_each_day_and_why_it_is_skipped(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    result = await cli.run("explain", reference)
    assert "manager: reply, 10 working days (R4: acknowledge and reply)" in result.out
    assert "skipped: weekend" in result.out
    assert "day 10" in result.out


async def test_list_applies_all_filters(cli: CliRunner) -> None:
    held, late = await cli.open_complaint(), await cli.open_complaint(**LONG_AGO)
    await cli.run("reassign", held, "--as", "lead", "--to", "only.one", "--reason", "For him.")
    await cli.run("acknowledge", held, "--as", "only.one")
    for reference in (held, late):
        await cli.wait_until_recorded(reference)
    listed = (await cli.run("list", "--holder", "only.one", "--status", "awaiting_reply", "--json")).json
    assert [view["reference"] for view in listed] == [held]
    result = await cli.run("list", "--holder", "only.one")
    assert held in result.out
    assert len(result.out.splitlines()) == 1
    overdue = (await cli.run("list", "--overdue", "--tier", "manager", "--json")).json
    assert late in [view["reference"] for view in overdue]
    assert held not in [view["reference"] for view in overdue]


async def test_an_empty_list_is_reported(cli: CliRunner) -> None:
    assert "There is none." in (await cli.run("list", "--holder", "op")).out
    assert (await cli.run("list", "--holder", "op", "--json")).json == []


async def test_a_filter_that_nobody_knows_is_an_error_with_the_nearest_name(cli: CliRunner) -> None:
    result = await cli("list", "--tier", "managers", "--holder", "m.okafro")
    assert (result.code, result.errors) == (
        2,
        ["--tier: there is no managers; manager?", "--holder: there is no m.okafro; m.okafor?"],
    )
    staff = await cli("staff", "list", "--role", "managers", "--lead", "nobody", "--team", "nowhere", "--json")
    assert staff.code == 2
    assert [line.split(";")[0] for line in staff.errors] == [
        "--role: there is no managers",
        "--lead: there is no nobody",
        "--team: there is no nowhere",
    ]
    letters = await cli("letters", "--of", "S-0")
    assert (letters.code, letters.errors) == (2, ["--of: there is no complaint S-0 on the record"])


async def test_a_list_has_open_complaints_unless_closed_ones_are_asked_for(cli: CliRunner) -> None:
    open_one, closed = await cli.open_complaint(), await cli.open_complaint()
    await cli.run("withdraw", closed)
    for reference in (open_one, closed):
        await cli.wait_until_recorded(reference)

    async def listed(*options: str) -> set[str]:
        views = (await cli.run("list", *options, "--json")).json
        return {view["reference"] for view in views} & {open_one, closed}

    assert await listed() == {open_one}
    assert await listed("--closed") == await listed("--status", "closed") == {closed}
    assert await listed("--all") == {open_one, closed}
    assert len((await cli.run("list", "--all", "--limit", "1", "--json")).json) == 1
    both = await cli("list", "--closed", "--all", "--limit", "0")
    assert (both.code, [line.split(":")[0] for line in both.errors]) == (2, ["--closed, --all", "--limit"])


async def test_a_complaint_is_found_by_name_for_staff_of_the_directory(cli: CliRunner) -> None:
    complainant = {
        "name": "Zo\u00eb Quillfeather",
        "capacity": "customer",
        "email": "z@example.org",
        "prefers": "email",
    }
    reference = await cli.open_complaint(complainant=complainant, case={"reference": "PNX-77", "open": True})
    await cli.wait_until_recorded(reference)
    for text in ("zoe quill", "PNX-77", "z@example.org", reference):
        result = await cli.run("find", text, "--as", "m.okafor", "--json")
        assert reference in [found["reference"] for found in result.json]
    cells = (await cli.run("find", "quillfeather", "--as", "m.okafor")).out.split("\t")
    assert cells[:4] == [reference, "Zo\u00eb Quillfeather", "customer", "PNX-77"]
    stranger = await cli("find", "zoe", "--as", "nobody")
    assert (stranger.code, "(unknown_staff)" in stranger.err) == (3, True)
    assert (await cli.run("find", "quillfeather", "--as", "op")).out == "There is none.\n"
    nothing = await cli("find", " ' ", "--as", "op")
    assert (nothing.code, nothing.errors) == (2, ["TEXT: is needed; give a name, an email, a case or a reference"])


async def test_show_with_words_has_who_complains_and_their_case(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    await cli.wait_until_recorded(reference)
    lines = (await cli.run("show", reference, "--words", "--as", "m.okafor")).out.splitlines()
    assert {"name\tAda Example", "capacity\tcustomer", "email\tada@example.org", "case\tK-1"} <= set(lines)
    assert "Ada Example" not in (await cli.run("show", reference)).out
    assert (await cli.run("show", reference, "--words", "--as", "m.okafor", "--json")).json["form"]["complainant"][
        "name"
    ] == "Ada Example"


async def test_a_long_list_is_printed_in_parts(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        reference = await cli.open_complaint()
        await cli.run("reassign", reference, "--as", "lead", "--to", "list.keeper", "--reason", "For her.")
        await cli.wait_until_recorded(reference)
    monkeypatch.setattr(listing, "ROWS_IN_A_TABLE", 2)
    result = await cli.run("list", "--holder", "list.keeper")
    assert len(result.out.splitlines()) == 3


async def test_list_names_every_invalid_filter(cli: CliRunner) -> None:
    result = await cli("list", "--status", "lost", "--holder", "a b", "--tier", "A!", "--due-before", "soon")
    assert result.code == 2
    assert [line.split(":")[0] for line in result.errors] == ["--tier", "--holder", "--status", "--due-before"]


async def test_a_complaint_that_temporal_has_deleted_is_read_from_the_record(cli: CliRunner, client: Client) -> None:
    complaint_form = form()
    reference = complaint_form["reference"]
    await cli.run("open", cli.write_file(complaint_form))
    await cli.run("withdraw", reference)
    await cli.wait_until_recorded(reference)
    await delete_workflow(client, reference)
    shown = await cli.run("show", reference, "--json")
    assert shown.json["closing_reason"] == "withdrawn"
    assert shown.errors == [f"{reference}: its workflow has ended, or no worker answers; this is what the record has"]
    assert len((await cli.run("explain", reference, "--json")).json) == 2
    assert f"{reference}: closed on" in (await cli.run("open", cli.write_file(complaint_form))).out
    assert (await cli("open", cli.write_file(complaint_form | {"put_right": "Say sorry."}))).code == 3
    for result in (await cli("resolve", reference), await cli("resolve", reference, "--signal")):
        assert result.code == 3
        assert "The complaint closed on" in result.err
        assert "(closed)" in result.err
    result = await cli("advance", reference, "--to-next-due")
    assert result.code == 3


async def test_a_worklist_has_the_complaints_of_its_owner(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = await cli.open_complaint()
    await cli.run("reassign", reference, "--as", "lead", "--to", "work.lister", "--reason", "For her.")
    await cli.run("acknowledge", reference, "--as", "work.lister")
    await cli.wait_until_recorded(reference)
    monkeypatch.setenv("COMPLAINTS_STAFF", "work.lister")
    result = await cli.run("list", "--mine")
    [line] = [line for line in result.out.splitlines() if line.startswith(reference)]
    shown, due, overdue, where, command, also = line.split("\t")
    assert (shown, overdue, where) == (reference, "", "manager, awaiting reply")
    assert due.startswith("reply due by the end of ")
    assert command.startswith(f"complaints reply {reference} --as work.lister --outcome ")
    assert also == "extend, classify, reassign"
    [task] = [each for each in (await cli.run("list", "--mine", "--json")).json if each["reference"] == reference]
    assert (task["reference"], task["next"], task["overdue"]) == (reference, "reply", False)
    assert (await cli.run("list", "--mine", "--as", "op")).out == "Nothing for op.\n"
    unknown = await cli("list", "--mine", "--as", "nobody")
    assert (unknown.code, "(unknown_staff)" in unknown.err) == (3, True)


async def test_every_error_about_a_worklist_is_listed(cli_offline: CliRunner) -> None:
    result = await cli_offline("list", "--mine", "--watch", "--tier", "manager", "--json")
    errors = [
        "--tier: does not go with --mine; leave it out",
        "--watch: does not go with --json; leave one of them out",
    ]
    assert (result.code, result.json) == (2, {"error": errors})
    assert (await cli_offline("list", "--watch")).errors == ["--watch: goes with --mine only; add --mine"]


async def test_explain_shows_the_actor_and_reason_of_a_move_and_the_month(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    to = f"{calendar_for(load_policy(), now(), now()).working_day_after(now().date(), 20)}"
    await cli.run("extend", reference, "--as", "m.okafor", "--to", to, "--explanation", "Files come.")
    await cli.wait_until_recorded(reference)
    [move] = (await cli.run("explain", reference, "--as", "m.okafor", "--json")).json[1]["moves"]
    assert (move["by"], move["rule"], move["to_on"], move["why"]) == ("m.okafor", "R5", to, "Files come.")
    result = await cli.run("explain", reference, "--as", "m.okafor")
    assert "(R5: extension): Files come." in result.out
    assert "Files come." not in (await cli.run("explain", reference, "--as", "op")).out
    month = await cli.run("explain", reference, "--month")
    assert {"day 0", "day 1", "weekend", "DUE", "first due"} <= {
        cell.strip() for line in month.out.splitlines() for cell in line.split("│")
    }


async def test_a_complaint_without_a_workflow_is_shown_with_the_command_that_revives_it(
    cli: CliRunner, client: Client
) -> None:
    reference = await cli.open_complaint()
    await cli.wait_until_recorded(reference)
    await client.get_workflow_handle(reference).terminate("by mistake")
    remedy = f"run python -m worker revive {reference}."
    shown = await cli.run("show", reference)
    assert remedy in shown.err
    for command in (("withdraw", reference), ("resolve", reference, "--signal"), ("answer", reference, "no-act")):
        result = await cli(*command)
        assert (result.code, remedy in result.err) == (1, True), result.err


async def test_who_read_words_is_listed_for_auditors_and_leads(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    await cli.wait_until_recorded(reference)
    assert (await cli("show", reference, "--words", "--as", "op")).code == 3
    await cli.run("show", reference, "--words", "--as", "m.okafor")
    async with asyncio.timeout(RECORDED_WITHIN):
        while not (lines := (await cli.run("readings", reference, "--as", "lead", "--json")).json):
            pass
    assert [(each["staff"], each["times"]) for each in lines] == [("m.okafor", 1)]
    assert (await cli.run("readings", reference, "--as", "a.ridley")).out.startswith("m.okafor\t")
    assert (await cli("readings", reference, "--as", "m.okafor")).code == 3
