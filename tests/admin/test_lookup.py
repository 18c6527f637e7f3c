"""`show` and `list`, as people read them."""

import pytest
from temporalio.client import Client

from admin.lookup import list as listing
from complaints.calendars.builder import calendar_for
from complaints.policies.loader import load_policy
from complaints.runtime.clock import now
from tests.admin.cli_runner import Script, form, reply
from tests.fixtures.servers import delete_workflow

ODD = "[bold]not bold[/bold] [/x] :smile: 😀 \x1b[31mnot red\x07 \u202edlrow"
LONG_AGO = {"received_at": "2024-07-01T12:00:00Z", "told_case_handler_on": "2024-06-28"}
SHOWN = "[bold]not bold[/bold] [/x] :smile: 😀 \ufffd[31mnot red\ufffd \ufffddlrow"


async def test_show_uses_the_policys_time_zone(script: Script) -> None:
    reference = await script.opened(**LONG_AGO)
    ran = await script.done("show", reference)
    assert "received  2024-07-01 13:00" in ran.out
    assert "times     Europe/London" in ran.out
    assert "status    awaiting acknowledgement (overdue)" in ran.out


async def test_free_text_is_shown_under_its_event_without_markup(script: Script) -> None:
    reference = await script.opened(concerns=[{"aspect": "delay", "what_happened": ODD}])
    await script.done("withdraw", reference, "--reason", ODD)
    await script.recorded(reference)
    assert ODD not in (await script.done("show", reference)).out
    ran = await script.done("show", reference, "--words")
    lines = [line.strip() for line in ran.out.splitlines()]
    assert f"concern 1: {SHOWN}" in lines
    assert f"reason: {SHOWN}" in lines


async def test_json_has_the_free_text_of_each_event_unchanged(script: Script) -> None:
    reference = await script.opened(concerns=[{"aspect": "delay", "what_happened": ODD}])
    await script.recorded(reference)
    events = (await script.done("show", reference, "--words", "--json")).json["events"]
    assert events[0]["words"] == {"concern 1": ODD}
    assert events[1]["words"] == {}


async def test_undertakings_are_shown_without_markup(script: Script) -> None:
    reference = await script.opened()
    await script.done("reply", reference, *reply("m.okafor", "--remedy", "action:[/x] write"))
    assert "[/x] write" in (await script.done("show", reference)).out


async def test_explain_lists_each_day_and_why_it_is_skipped(script: Script) -> None:
    reference = await script.opened()
    ran = await script.done("explain", reference)
    assert "manager: reply, 10 working days (R4: acknowledge and reply)" in ran.out
    assert "skipped: weekend" in ran.out
    assert "day 10" in ran.out


async def test_list_applies_all_filters(script: Script) -> None:
    held, late = await script.opened(), await script.opened(**LONG_AGO)
    await script.done("reassign", held, "--as", "lead", "--to", "only.one", "--reason", "For him.")
    await script.done("acknowledge", held, "--as", "only.one")
    for reference in (held, late):
        await script.recorded(reference)
    listed = (await script.done("list", "--holder", "only.one", "--status", "awaiting_reply", "--json")).json
    assert [view["reference"] for view in listed] == [held]
    ran = await script.done("list", "--holder", "only.one")
    assert held in ran.out
    assert "1 complaint; times are those of Europe/London." in ran.out
    overdue = (await script.done("list", "--overdue", "--tier", "manager", "--json")).json
    assert late in [view["reference"] for view in overdue]
    assert held not in [view["reference"] for view in overdue]


async def test_an_empty_list_is_reported(script: Script) -> None:
    assert "There is none." in (await script.done("list", "--holder", "nobody.at.all")).out
    assert (await script.done("list", "--holder", "nobody.at.all", "--json")).json == []


async def test_a_long_list_is_printed_as_several_tables(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    for _ in range(3):
        reference = await script.opened()
        await script.done("reassign", reference, "--as", "lead", "--to", "list.keeper", "--reason", "For her.")
        await script.recorded(reference)
    monkeypatch.setattr(listing, "ROWS_IN_A_TABLE", 2)
    ran = await script.done("list", "--holder", "list.keeper")
    assert ran.out.count("next due") == 2
    assert "3 complaints" in ran.out


async def test_list_names_every_invalid_filter(script: Script) -> None:
    ran = await script("list", "--status", "lost", "--holder", "a b", "--tier", "A", "--due-before", "soon")
    assert ran.code == 2
    assert [line.split(":")[0] for line in ran.errors] == ["--tier", "--holder", "--status", "--due-before"]


async def test_a_complaint_that_temporal_has_deleted_is_read_from_the_record(script: Script, client: Client) -> None:
    given = form()
    reference = given["reference"]
    await script.done("open", script.file(given))
    await script.done("withdraw", reference)
    await script.recorded(reference)
    await delete_workflow(client, reference)
    assert (await script.shown(reference))["closing_reason"] == "withdrawn"
    assert len((await script.done("explain", reference, "--json")).json) == 2
    assert f"{reference}: closed on" in (await script.done("open", script.file(given))).out
    assert (await script("open", script.file(given | {"put_right": "Say sorry."}))).code == 3
    for ran in (await script("resolve", reference), await script("resolve", reference, "--signal")):
        assert ran.code == 3
        assert "The complaint closed on" in ran.err
        assert "(closed)" in ran.err
    ran = await script("advance", reference, "--to-next-due")
    assert ran.code == 3


async def test_a_worklist_has_the_complaints_of_its_owner(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = await script.opened()
    await script.done("reassign", reference, "--as", "lead", "--to", "work.lister", "--reason", "For her.")
    await script.done("acknowledge", reference, "--as", "work.lister")
    await script.recorded(reference)
    monkeypatch.setenv("COMPLAINTS_STAFF", "work.lister")
    ran = await script.done("list", "--mine")
    heading, command, also, number = ran.out.splitlines()
    assert heading.startswith(f"{reference}  reply due by the end of ")
    assert heading.endswith("  manager, awaiting reply")
    assert command.strip().startswith(f"complaints reply {reference} --as work.lister --outcome ")
    assert (also.strip(), number) == ("also: extend, classify, reassign", "1 complaint for work.lister.")
    [task] = (await script.done("list", "--mine", "--json")).json
    assert (task["reference"], task["next"], task["overdue"]) == (reference, "reply", False)
    assert (await script.done("list", "--mine", "--as", "op")).out == "Nothing for op.\n"
    unknown = await script("list", "--mine", "--as", "nobody")
    assert (unknown.code, unknown.errors) == (
        2,
        ["--as: there is no nobody; see complaints staff list"],
    )


async def test_every_error_about_a_worklist_is_listed(alone: Script) -> None:
    ran = await alone("list", "--mine", "--watch", "--tier", "manager", "--json")
    errors = [
        "--as: is needed",
        "--tier: does not go with --mine; leave it out",
        "--watch: does not go with --json; leave one of them out",
    ]
    assert (ran.code, ran.json) == (2, {"error": errors})
    assert (await alone("list", "--watch")).errors == ["--watch: goes with --mine only; add --mine"]


async def test_explain_shows_the_actor_and_reason_of_a_move_and_the_month(script: Script) -> None:
    reference = await script.opened()
    to = f"{calendar_for(load_policy(), now(), now()).working_day_after(now().date(), 20)}"
    await script.done("extend", reference, "--as", "m.okafor", "--to", to, "--explanation", "Files come.")
    await script.recorded(reference)
    [move] = (await script.done("explain", reference, "--json")).json[1]["moves"]
    assert (move["by"], move["rule"], move["to_on"], move["why"]) == ("m.okafor", "R5", to, "Files come.")
    ran = await script.done("explain", reference)
    assert "(R5: extension): Files come." in ran.out
    month = await script.done("explain", reference, "--month")
    assert {"day 0", "day 1", "weekend", "DUE", "first due"} <= {
        cell.strip() for line in month.out.splitlines() for cell in line.split("│")
    }
