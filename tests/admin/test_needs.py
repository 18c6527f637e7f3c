"""A representative with needs, as staff see them: acts, previews, `show` and `find`."""

from typing import Any

from tests.admin.cli_runner import CliRunner, TypeAhead

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
    assert f"{needed} In their words: show {reference} --words" in result.out.splitlines()
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
    lines = (await cli.run("show", reference, "--words")).out.splitlines()
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
    form = (await cli.run("show", reference, "--words", "--json")).json["form"]
    assert form["complainant"]["needs"] == NEEDS


async def test_a_complaint_is_found_by_the_person_represented_and_by_a_new_email(cli: CliRunner) -> None:
    reference = await cli.open_complaint(complainant=representative(represents="Bo Penhaligon-Smythe"))
    await cli.run("change-contact", reference, "--as", "intake", "--email", "trewhella@example.org")
    await cli.wait_until_recorded(reference)
    for text in ("penhaligon", "trewhella"):
        line = (await cli.run("find", text, "--as", "op")).out.splitlines()[0]
        assert line.split("\t")[:3] == [reference, "Ada Example", "representative of Bo Penhaligon-Smythe"]
    [as_json] = (await cli.run("find", "penhaligon", "--as", "op", "--json")).json
    assert as_json["represents"] == "Bo Penhaligon-Smythe"
