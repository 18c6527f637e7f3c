"""`complaints correct`: a slip in a reply is corrected (R4)."""

from datetime import timedelta

import pytest

from complaints.procedure.dates.date_format import format_date
from complaints.runtime.clock import now
from tests.admin.cli_runner import AUDITOR, CliRunner, TypeAhead, reply
from tests.admin.test_confirmation import events

NOT_UPHELD = ("--outcome", "not upheld", "--findings", "We were in time.", "--reason", "It was another file.")
PARTLY = ("--outcome", "Partly Upheld", "--findings", "Some was slow.", "--reason", "It was another file.")


async def replied(cli: CliRunner, *remedies: str) -> str:
    """m.okafor has replied, with remedies."""
    reference = await cli.open_complaint()
    options = [part for remedy in remedies for part in ("--remedy", remedy)]
    await cli.run("reply", reference, *reply("m.okafor", *options, "--yes"))
    await cli.wait_until_recorded(reference)
    return reference


async def test_a_correction_is_shown_in_full_and_sent_after_a_yes(cli: CliRunner, type_ahead: TypeAhead) -> None:
    reference = await replied(cli, "compensation:75")
    type_ahead("y\n")
    by = now().date() + timedelta(days=365)
    remedies = ("--remedy", "compensation:1,075.00", "--by", f"{by:%-d %B %Y}")
    result = await cli.run("correct", reference, "--as", "m.okafor", *PARTLY, *remedies)
    for shown in (
        f"{reference}: Ada Example, customer, case K-1",
        "Manager: awaiting complainant, held by m.okafor",
        "outcome        partly upheld",
        "reason         It was another file.",
        "remedies       compensation of £1,075.00",
        "by email to Ada Example, ada@example.org",
        "“A correction to our reply",
        "undertaking 1  compensation of £75.00: replaced",
        f"undertaking 2  compensation of £1,075.00, by {format_date(by)}",
    ):
        assert shown in result.err
    assert "Manager: reply corrected, partly upheld" in result.out


async def test_a_preview_prints_the_correction_and_does_nothing(cli: CliRunner) -> None:
    reference = await replied(cli, "compensation:75")
    before = await events(cli, reference)
    result = await cli.run("correct", reference, "--as", "m.okafor", *NOT_UPHELD, "--preview")
    for line in ("Dear Ada Example", "We were in time.", "no longer counts", "undertaking 1: compensation of £75.00"):
        assert line in result.out
    assert "It was another file." not in result.out
    preview = (await cli.run("correct", reference, "--as", "m.okafor", *NOT_UPHELD, "--preview", "--json")).json
    assert [letter["occasion"] for letter in preview["letters"]] == ["correction"]
    assert await events(cli, reference) == before


async def test_a_correction_is_shown_found_and_explained_afterwards(cli: CliRunner) -> None:
    reference = await replied(cli, "compensation:75", "action:ring back")
    await cli.run("carry-out", reference, "2", "--as", "m.okafor")
    corrected = ("--remedy", "compensation:50", "--remedy", "action:ring back")
    await cli.run("correct", reference, "--as", "m.okafor", *PARTLY, *corrected)
    await cli.wait_until_recorded(reference)
    undertakings = (await cli.show(reference))["undertakings"]
    assert [bool(each["replaced_at"]) for each in undertakings] == [True, False, False]
    assert [bool(each["carried_out_at"]) for each in undertakings] == [False, True, False]
    assert "replaced " in (await cli.run("show", reference)).out
    assert "It was another file." in (await cli.run("show", reference, "--words", "--as", AUDITOR)).out
    await cli.run("explain", reference)
    [task] = [
        task
        for task in (await cli.run("list", "--mine", "--as", "m.okafor", "--json")).json
        if task["reference"] == reference
    ]
    assert (task["due"], task["command"]) == ("undertaking 3", f"complaints carry-out {reference} 3 --as m.okafor")
    result = await cli("carry-out", reference, "1", "--as", "m.okafor")
    assert (result.code, result.errors) == (
        3,
        ["N: 1 was replaced when the reply was corrected; give 3. (not_now)"],
    )


async def test_a_lead_who_corrects_is_warned_and_the_holder_gets_an_alert(
    cli: CliRunner, type_ahead: TypeAhead
) -> None:
    reference = await replied(cli)
    type_ahead("y\n")
    result = await cli.run("correct", reference, "--as", "lead.manager", *NOT_UPHELD)
    assert result.errors[0] == f"m.okafor holds {reference}, not lead.manager."
    assert "m.okafor holds the complaint and gets an alert" in " ".join(result.out.split())
    refused = await cli("correct", reference, "--as", "m.silva", *NOT_UPHELD, "--yes")
    assert (refused.code, "(wrong_role)" in refused.err) == (3, True)


async def test_all_mistakes_are_named_at_once_by_their_options(cli: CliRunner) -> None:
    result = await cli("correct", "C-1", "--as", "m.okafor", "--outcome", "upheldd", "--remedy", "compensation:x")
    assert result.code == 2
    for option in ("--outcome: ", "--findings: ", "--remedy", "--reason: "):
        assert any(line.startswith(option) for line in result.errors), result.errors
    for options, error in (
        (("--remedy", "apology"), "--remedy: a complaint that is not upheld has none; leave them out"),
        (("--by", "2099-01-05"), "--by: there is no action or compensation to carry out; leave it out"),
        (("--sent-at", "soon"), "--sent-at: "),
        (("--channel", "pigeon"), "--channel: "),
    ):
        result = await cli("correct", "C-1", "--as", "m.okafor", *NOT_UPHELD, *options)
        assert (result.code, len(result.errors)) == (2, 1)
        assert result.errors[0].startswith(error)


async def test_a_refusal_names_the_option_of_the_correction(cli: CliRunner) -> None:
    reference = await replied(cli)
    for options, error in (
        (("--sent-at", "2199-01-01T10:00Z"), "--sent-at: Tue 1 Jan 2199 10:00 lies in the future"),
        (("--sent-at", "2020-01-01T10:00Z"), "--sent-at: it lies before the complaint reached Manager"),
        (("--channel", "post"), "--channel: the complainant gave no address for post; give email."),
    ):
        result = await cli("correct", reference, "--as", "m.okafor", *NOT_UPHELD, *options)
        assert (result.code, result.err.startswith(error)) == (3, True), result.err


@pytest.mark.parametrize("escalates", [True, False], ids=["tier left", "withdrawn"])
async def test_a_correction_too_late_is_refused_with_how_to_go_on(cli: CliRunner, escalates: bool) -> None:
    reference = await replied(cli)
    await cli.run("escalate" if escalates else "withdraw", reference)
    result = await cli("correct", reference, "--as", "m.okafor", *NOT_UPHELD)
    assert (result.code, ("(tier_passed)" if escalates else "(closed)") in result.err) == (3, True)
    if escalates:
        assert "(add_information)" in result.err
        await cli.run("add-information", reference, "--note", "It was another file.", "--as", "m.okafor")
        return
    assert "(reopen)" in result.err
    await cli.run("reopen", reference, "--as", "lead.manager", "--reason", "It was by mistake.")
    await cli.run("correct", reference, "--as", "m.okafor", *NOT_UPHELD)
