"""A representative with needs, as staff see them: acts, previews, `show` and `find`."""

from typing import Any

from tests.admin.cli_runner import AUDITOR, CliRunner, TypeAhead, reply

NEEDS = {"large_print": True, "language": "Sign language", "telephone": True, "other": "a quiet room"}
NEEDS_IN_WORDS = "large print, Sign language, the telephone, a quiet room"
KINDS = ["large_print", "language", "telephone", "other"]


def representative(**changes: Any) -> dict[str, Any]:
    return {
        "name": "Ada Example",
        "capacity": "representative",
        "represents": "Siobh\u00e1n O\u2019Quillfeather",
        "authority": "a power of attorney",
        "email": "ada@example.org",
        "prefers": "email",
        "needs": NEEDS,
    } | changes


async def test_an_answer_says_what_the_complainant_needs(cli: CliRunner) -> None:
    reference = await cli.open_complaint(complainant=representative())
    needed = "The complainant needs large print, another language, the telephone, something else."
    result = await cli.run("acknowledge", reference, "--as", "m.okafor", "--id", "1")
    assert f"{needed} In their words: complaints show {reference} --words" in result.out.splitlines()
    assert (await cli.run("acknowledge", reference, "--as", "m.okafor", "--id", "1", "--json")).json["needs"] == KINDS
    changed = await cli.run("change-contact", reference, "--as", "m.okafor", "--needs", "None")
    assert "needs" not in changed.out.replace("changed: needs", "")


async def test_an_act_is_shown_with_the_complainant_and_their_needs(cli: CliRunner, type_ahead: TypeAhead) -> None:
    reference = await cli.open_complaint(complainant=representative())
    concerns = (
        f"{reference}: Ada Example, representative of Siobh\u00e1n O\u2019Quillfeather (a power of attorney), case K-1"
    )
    preview = await cli.run("acknowledge", reference, "--as", "m.okafor", "--preview")
    assert {concerns, f"The complainant needs: {NEEDS_IN_WORDS}"} <= set(preview.out.splitlines())
    as_json = (await cli.run("acknowledge", reference, "--as", "m.okafor", "--preview", "--json")).json
    assert as_json["needs"] == KINDS
    type_ahead("n\n")
    asked = " ".join((await cli("acknowledge", reference, "--as", "m.okafor")).err.split())
    assert concerns in asked
    assert NEEDS_IN_WORDS in asked


async def test_show_has_them_with_words_only(cli: CliRunner) -> None:
    reference = await cli.open_complaint(complainant=representative())
    await cli.wait_until_recorded(reference)
    lines = (await cli.run("show", reference, "--words", "--as", AUDITOR)).out.splitlines()
    assert {
        "capacity\trepresentative",
        "represents\tSiobh\u00e1n O\u2019Quillfeather",
        "authority\ta power of attorney",
        f"needs\t{NEEDS_IN_WORDS}",
        "case\tK-1",
    } <= set(lines)
    shown = (await cli.run("show", reference)).out
    assert "Quillfeather" not in shown
    assert "quiet room" not in shown
    form = (await cli.run("show", reference, "--words", "--as", AUDITOR, "--json")).json["form"]
    assert form["complainant"]["needs"] == NEEDS


async def test_a_complaint_is_found_by_the_person_represented_and_by_a_new_email(cli: CliRunner) -> None:
    reference = await cli.open_complaint(complainant=representative(represents="Bo Penhaligon-Smythe"))
    await cli.run("change-contact", reference, "--as", "front-desk", "--email", "trewhella@example.org")
    await cli.wait_until_recorded(reference)
    for text in ("penhaligon", "trewhella"):
        line = (await cli.run("find", text, "--as", AUDITOR)).out.splitlines()[0]
        assert line.split("\t")[:3] == [reference, "Ada Example", "representative of Bo Penhaligon-Smythe"]
    [as_json] = (await cli.run("find", "penhaligon", "--as", AUDITOR, "--json")).json
    assert as_json["represents"] == "Bo Penhaligon-Smythe"


async def test_a_change_of_contact_is_shown_first_and_counts_for_later_acts(
    cli: CliRunner, type_ahead: TypeAhead
) -> None:
    reference = await cli.open_complaint(complainant=representative(needs={}))
    change = (
        "change-contact",
        reference,
        "--as",
        "m.okafor",
        "--email",
        "new@example.org",
        "--needs",
        "other:a quiet room",
    )
    await cli.run("acknowledge", reference, "--as", "m.okafor", "--yes")
    preview = (await cli.run(*change, "--preview")).out
    assert "email: ada@example.org → new@example.org" in preview
    assert "needs: none → a quiet room" in preview
    contact = (await cli.run(*change, "--preview", "--json")).json["contact"]
    assert contact[0] == {"field": "email", "from": "ada@example.org", "to": "new@example.org"}
    type_ahead("y\n")
    asked = " ".join((await cli.run(*change)).err.split())
    assert f"{reference}: Ada Example, representative of" in asked
    assert "email: ada@example.org → new@example.org" in asked
    later = (await cli.run("reply", reference, *reply("m.okafor"), "--preview")).out
    assert "By email to Ada Example, new@example.org" in later
    assert "The complainant needs: a quiet room" in later
    assert "On behalf of: Siobh\u00e1n O\u2019Quillfeather" in later


async def test_what_is_added_is_shown_first_and_the_holder_gets_one_alert(
    cli: CliRunner, type_ahead: TypeAhead
) -> None:
    reference = await cli.open_complaint(complainant=representative())
    await cli.run("acknowledge", reference, "--as", "m.okafor", "--yes")
    concern = ("--aspect", "outcome", "--what-happened", "It is wrong.")
    call = ("--communication-on", "2026-01-05", "--communication-channel", "phone")
    added = (*concern, *call, "--communication-summary", "They rang.")
    type_ahead("y\n")
    asked = " ".join((await cli.run("add-information", reference, "--as", "lead.manager", *added)).err.split())
    assert f"{reference}: Ada Example, representative of" in asked
    assert "aspect: outcome; what happened: It is wrong." in asked
    assert "on: Mon 5 Jan 2026; channel: phone; summary: They rang." in asked
    assert "by email to Ada Example, ada@example.org “Where to take part of your complaint" in asked
    history = await cli.show(reference)
    alerts = [event["what"] for event in history["events"] if event["kind"] == "alerted"]
    assert alerts.count("added: concern, communication") == 1
