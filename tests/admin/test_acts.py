"""Commands of acts: accepted and refused acts, and their exit codes."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.admin.cli_runner import CliRunner, form, reply


async def test_an_accepted_act_prints_the_new_status(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    result = await cli.run("acknowledge", reference, "--as", "m.okafor")
    assert f"{reference}: Manager: acknowledged" in result.out
    assert "It is now awaiting reply, held by m.okafor." in result.out


async def test_the_same_id_takes_effect_once_and_gets_the_same_answer(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    act = ("acknowledge", reference, "--as", "m.okafor", "--id", 'odd "id" [/x] 😀', "--json")
    first, second = await cli.run(*act), await cli.run(*act)
    assert first.json == second.json
    events = (await cli.show(reference))["events"]
    assert [event["kind"] for event in events].count("acknowledge") == 1


async def test_information_and_contact_details_are_keyed(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    added = ("--aspect", "delay", "--what-happened", "It went on.", "--note", "They rang.")
    assert "added: concern, note" in (await cli.run("add-information", reference, *added)).out
    needs = ("--needs", "large_print", "--needs", "language:Polish")
    assert (
        "changed: email, needs"
        in (await cli.run("change-contact", reference, "--email", "new@example.org", *needs)).out
    )
    shown = (await cli.show(reference))["aspects"]
    assert len(shown) == 2


async def test_information_that_is_incomplete_names_its_options(cli: CliRunner) -> None:
    for options, error in (
        (("--aspect", "delay"), "--what-happened: is needed with --aspect"),
        (("--aspect", "boss", "--what-happened", "x"), "--aspect: "),
        ((), "give at least one of concern, communication, put_right and note"),
    ):
        result = await cli("add-information", "C-1", *options)
        assert (result.code, len(result.errors)) == (2, 1)
        assert error in result.errors[0]
    result = await cli("change-contact", "C-1", "--needs", "tea")
    assert result.errors == [
        "--needs: 'tea' is not valid; give large_print, telephone, language:LANGUAGE, other:TEXT, or none"
    ]


async def test_the_id_of_another_act_is_refused(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    await cli.run("acknowledge", reference, "--as", "m.okafor", "--id", "mine")
    result = await cli(
        "extend", reference, "--as", "m.okafor", "--to", "2099-01-05", "--explanation", "x", "--id", "mine"
    )
    assert result.code == 3
    assert "--id: it belongs to acknowledge; give each act an id of its own. (id_taken)" in result.err


async def test_a_reply_to_a_complaint_that_awaits_its_complainant_is_refused(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    await cli.run("reply", reference, *reply("m.okafor"))
    result = await cli("reply", reference, *reply("m.okafor"), "--json", "--id", "again")
    assert result.code == 3
    assert result.json == {
        "error": [f"{result.json['sentence']} (already_done)"],
        "code": "already_done",
        "sentence": result.json["sentence"],
        "id": "again",
        "reference": reference,
    }
    assert "it is awaiting complainant" in result.err


@pytest.mark.parametrize(
    ("days", "code", "says"),
    [(7, "not_a_working_day", "(weekend)"), (0, "not_later", "the current deadline's day")],
    ids=["to a Sunday", "to no later day"],
)
async def test_an_extension_to_a_wrong_day_is_refused(cli: CliRunner, days: int, code: str, says: str) -> None:
    reference = await cli.open_complaint()
    due_on = _reply_due(await cli.show(reference))
    to = due_on + timedelta(days=days - due_on.isoweekday() if days else 0)
    result = await cli("extend", reference, "--as", "m.okafor", "--to", f"{to}", "--explanation", "We wait.")
    assert (result.code, result.err.strip().endswith(f"({code})"), says in result.err) == (3, True, True)


async def test_an_extension_without_explanation_is_bad_input(cli: CliRunner) -> None:
    result = await cli("extend", await cli.open_complaint(), "--as", "m.okafor", "--to", "2030-01-02")
    assert (result.code, result.errors) == (2, ["--explanation: is needed"])


async def test_an_escalation_a_day_too_late_is_refused_with_the_day(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    await cli.run("reply", reference, *reply("m.okafor"))
    await cli.run("case-closed", reference)
    await cli.advance_past(reference, (await cli.show(reference))["window_ends_at"])
    result = await cli("escalate", reference)
    assert result.code == 3
    assert "The time to go on to Customer Complaints team ended on" in result.err
    assert "(window_ended)" in result.err


async def test_the_case_handler_and_staff_of_an_earlier_tier_may_not_act(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    result = await cli("acknowledge", reference, "--as", "h.lee")
    assert (result.code, result.errors) == (
        3,
        ["h.lee was the case handler and cannot act as Manager. (was_case_handler)"],
    )
    await cli.run("reply", reference, *reply("m.okafor"))
    await cli.run("escalate", reference, "--reason", "It is not enough.")
    result = await cli("reply", reference, *reply("m.okafor"))
    assert (result.code, "(acted_earlier)" in result.err) == (3, True)


async def test_a_misspelt_staff_id_gets_the_nearest_one(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    result = await cli("reassign", reference, "--as", "lead", "--to", "m.okafo", "--reason", "On leave.", "--json")
    assert (result.code, result.json["error"]) == (
        3,
        ["m.okafo is not in the staff directory. (unknown_staff)", "--to: there is no m.okafo; m.okafor?"],
    )
    unknown = await cli("acknowledge", reference, "--as", "m.okafo")
    assert (unknown.code, unknown.err.endswith("(unknown_staff)\n")) == (3, True)


async def test_a_refusal_names_the_option(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    result = await cli("acknowledge", reference, "--as", "m.okafor", "--sent-at", "2199-01-01T10:00Z")
    assert result.err.startswith("--sent-at: Tue 1 Jan 2199 10:00 lies in the future")
    result = await cli("escalate", reference, "--to", "managr", "--as", "op")
    assert result.errors == ["--to: there is no tier managr; manager? (no_such_tier)"]


@pytest.mark.parametrize("command", [["show"], ["explain"], ["advance", "--days", "1"], ["resolve", "--as", "op"]])
async def test_an_unknown_reference_is_bad_input(cli: CliRunner, command: list[str]) -> None:
    result = await cli(command[0], "S-0", *command[1:])
    assert (result.code, result.errors) == (2, ["REF: there is no complaint S-0"])


async def test_a_signal_is_sent_without_waiting_for_an_answer(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    sent = await cli.run("acknowledge", reference, "--as", "m.okafor", "--signal", "--json", "--id", "a-1")
    assert sent.json == {"id": "a-1", "reference": reference, "code": "sent"}
    assert (await cli.show_after_event(reference, "acknowledge"))["status"] == "awaiting_reply"


async def test_a_signal_is_as_late_as_the_complaints_own_clock_says(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    lapsing = (await cli.show(reference))["deadlines"][0]
    await cli.advance_past(reference, lapsing["at"])
    await cli.run("acknowledge", reference, "--as", "m.okafor", "--signal")
    history = await cli.show_after_event(reference, "acknowledge")
    [met] = [each for each in history["deadlines"] if each["kind"] == "acknowledgement"]
    assert met["lapsed_at"] == lapsing["at"]
    assert met["met_at"] > lapsing["at"]


async def test_the_login_name_keys_what_the_complainant_says(cli: CliRunner, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = await cli.open_complaint()
    monkeypatch.setattr("getpass.getuser", lambda: "front desk")
    await cli.run("resolve", reference)
    [resolved] = [event for event in (await cli.show(reference))["events"] if event["kind"] == "resolve"]
    assert resolved["by"] == "front-desk"


async def test_an_act_that_is_keyed_for_a_colleague_names_both(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    keyed = ("case-closed", reference, "--as", "front-desk", "--on-behalf-of")
    assert (await cli("case-closed", reference, "--on-behalf-of", "m o")).errors == [
        "--on-behalf-of: give an id of up to 100 letters, digits and . _ @ + -"
    ]
    misspelt = await cli(*keyed, "m.okafo")
    assert (misspelt.code, misspelt.errors[1]) == (3, "--on-behalf-of: there is no m.okafo; m.okafor?")
    assert "the case closed, for m.okafor" in (await cli.run(*keyed, "M.Okafor")).out
    [event] = [each for each in (await cli.show(reference))["events"] if each["kind"] == "case_closed"]
    assert (event["by"], event["what"]) == ("front-desk", "the case closed, for m.okafor")


async def test_the_product_itself_does_not_sign_in(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    result = await cli("letter-held", reference, "3", "--as", "post.room", "--reason", "It came back.")
    assert result.code == 3


async def test_an_account_without_a_login_name_needs_to_sign_in(
    cli: CliRunner, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nobody)
    for command in (("resolve", "S-0"), ("open", cli.write_file(form()))):
        result = await cli(*command)
        assert (result.code, result.errors[-1]) == (3, "Sign in with: complaints login")


async def test_a_complaint_goes_through_all_tiers_by_commands(cli: CliRunner) -> None:
    reference = await cli.open_complaint(told_case_handler_on=None)
    for act in (
        ["ask-manager"],
        ["acknowledge", "--as", "m.okafor", "--channel", "email"],
        ["reassign", "--as", "m.okafor", "--to", "m.silva", "--reason", "On leave."],
        ["reply", *reply("m.silva", "--remedy", "action:ring back [x]", "--remedy", "compensation:75.50")],
        ["escalate", "--to", "customer_complaints_team"],
        ["reply", *reply("c.team")],
        ["escalate", "--reason", "It is not enough."],
        ["case-reopened"],
        ["case-closed"],
        ["accept-review", "--as", "i.assessor"],
        ["give-opinion", "--as", "i.assessor", "--unsatisfactory", "--explanation", "Slow.", "--recommend", "apology"],
        ["answer-recommendation", "1", "--as", "lead.manager", "--accept"],
        ["carry-out", "1", "--as", "m.silva"],
        ["carry-out", "2", "--as", "m.silva"],
        ["carry-out", "3", "--as", "lead.manager"],
    ):
        await cli.run(act[0], reference, *act[1:])
    history = await cli.show(reference)
    assert (history["status"], history["closing_reason"], history["tier"]) == (
        "closed",
        "opinion_given",
        "independent_assessor",
    )
    assert [undertaking["what"] for undertaking in history["undertakings"]][:2] == [
        "ring back [x]",
        "compensation of £75.50",
    ]
    result = await cli("withdraw", reference)
    assert (result.code, "(closed)" in result.err) == (3, True)


async def test_a_lead_reopens_what_was_closed_by_mistake(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    before = await cli.show(reference)
    await cli.run("withdraw", reference)
    by_another = await cli("reopen", reference, "--as", "lead.team", "--reason", "It was another complaint.")
    assert (by_another.code, "(wrong_role)" in by_another.err) == (3, True)
    await cli.run("reopen", reference, "--as", "lead.manager", "--reason", "It was another complaint.")
    after = await cli.show(reference)
    assert (after["status"], _reply_due(after)) == (before["status"], _reply_due(before))


async def test_only_a_request_from_the_complainant_is_answered_when_it_is_too_early(cli: CliRunner) -> None:
    reference = await cli.open_complaint()
    for options in ([], ["--from-complainant"]):
        result = await cli("escalate", reference, "--to", "independent_assessor", "--signal", *options)
        assert result.code == 0
    await cli.run("case-closed", reference)
    kinds = [event["kind"] for event in (await cli.show(reference))["events"]]
    refused = [place for place, kind in enumerate(kinds) if kind == "refused"]
    assert [kinds[place + 1 : place + 3] for place in refused] == [["alerted", "refused"], ["letter", "case_closed"]]


def _reply_due(history: Any) -> date:
    [due] = [each["due_on"] for each in history["deadlines"] if each["kind"] == "reply"]
    return date.fromisoformat(due)
