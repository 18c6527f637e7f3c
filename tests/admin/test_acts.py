"""Commands of acts: accepted and refused acts, and their exit codes."""

from datetime import date, timedelta
from typing import Any

import pytest

from tests.admin.cli_runner import Script, reply


async def test_an_accepted_act_prints_the_new_status(script: Script) -> None:
    reference = await script.opened()
    ran = await script.done("acknowledge", reference, "--as", "m.okafor")
    assert f"{reference}: Manager: acknowledged" in ran.out
    assert "It is now awaiting reply, held by m.okafor." in ran.out


async def test_the_same_id_takes_effect_once_and_gets_the_same_answer(script: Script) -> None:
    reference = await script.opened()
    act = ("acknowledge", reference, "--as", "m.okafor", "--id", 'odd "id" [/x] 😀', "--json")
    first, second = await script.done(*act), await script.done(*act)
    assert first.json == second.json
    events = (await script.shown(reference))["events"]
    assert [event["kind"] for event in events].count("acknowledge") == 1


async def test_the_id_of_another_act_is_refused(script: Script) -> None:
    reference = await script.opened()
    await script.done("acknowledge", reference, "--as", "m.okafor", "--id", "mine")
    ran = await script(
        "extend", reference, "--as", "m.okafor", "--to", "2099-01-05", "--explanation", "x", "--id", "mine"
    )
    assert ran.code == 2
    assert "--id: mine was used already, for acknowledge" in ran.err


async def test_a_reply_to_a_complaint_that_awaits_its_complainant_is_refused(script: Script) -> None:
    reference = await script.opened()
    await script.done("reply", reference, *reply("m.okafor"))
    ran = await script("reply", reference, *reply("m.okafor"), "--json", "--id", "again")
    assert ran.code == 3
    assert ran.json == {
        "error": [f"{ran.json['sentence']} (already_done)"],
        "code": "already_done",
        "sentence": ran.json["sentence"],
        "id": "again",
        "reference": reference,
    }
    assert "it is awaiting complainant" in ran.err


@pytest.mark.parametrize(
    ("days", "code", "says"),
    [(7, "not_a_working_day", "(weekend)"), (0, "not_later", "the current deadline's day")],
    ids=["to a Sunday", "to no later day"],
)
async def test_an_extension_to_a_wrong_day_is_refused(script: Script, days: int, code: str, says: str) -> None:
    reference = await script.opened()
    due_on = _reply_due(await script.shown(reference))
    to = due_on + timedelta(days=days - due_on.isoweekday() if days else 0)
    ran = await script("extend", reference, "--as", "m.okafor", "--to", f"{to}", "--explanation", "We wait.")
    assert (ran.code, ran.err.strip().endswith(f"({code})"), says in ran.err) == (3, True, True)


async def test_an_extension_without_explanation_is_bad_input(script: Script) -> None:
    ran = await script("extend", await script.opened(), "--as", "m.okafor", "--to", "2030-01-02")
    assert (ran.code, ran.errors) == (2, ["--explanation: is needed"])


async def test_an_escalation_a_day_too_late_is_refused_with_the_day(script: Script) -> None:
    reference = await script.opened()
    await script.done("reply", reference, *reply("m.okafor"))
    await script.done("case-closed", reference)
    await script.passed(reference, (await script.shown(reference))["window_ends_at"])
    ran = await script("escalate", reference)
    assert ran.code == 3
    assert "The time to go on to Customer Complaints team ended on" in ran.err
    assert "(window_ended)" in ran.err


async def test_the_case_handler_and_staff_of_an_earlier_tier_may_not_act(script: Script) -> None:
    reference = await script.opened()
    ran = await script("acknowledge", reference, "--as", "h.lee")
    assert (ran.code, ran.errors) == (
        3,
        ["h.lee was the case handler and cannot act as Manager. (was_case_handler)"],
    )
    await script.done("reply", reference, *reply("m.okafor"))
    await script.done("escalate", reference, "--reason", "It is not enough.")
    ran = await script("reply", reference, *reply("m.okafor"))
    assert (ran.code, "(acted_earlier)" in ran.err) == (3, True)


async def test_a_misspelt_staff_id_gets_the_nearest_one(script: Script) -> None:
    reference = await script.opened()
    ran = await script("acknowledge", reference, "--as", "m.okafo")
    assert ran.errors == [
        "m.okafo is not in the staff directory. (unknown_staff)",
        "--as: there is no m.okafo; m.okafor?",
    ]
    ran = await script("reassign", reference, "--as", "lead", "--to", "m.okafo", "--reason", "On leave.", "--json")
    assert (ran.code, ran.json["error"][1]) == (3, "--to: there is no m.okafo; m.okafor?")


async def test_a_refusal_names_the_option(script: Script) -> None:
    reference = await script.opened()
    ran = await script("acknowledge", reference, "--as", "m.okafor", "--sent-at", "2199-01-01T10:00Z")
    assert ran.err.startswith("--sent-at: 2199-01-01 10:00:00Z lies in the future")
    ran = await script("escalate", reference, "--to", "managr", "--as", "op")
    assert ran.errors == ["--to: there is no tier managr; manager? (no_such_tier)"]


@pytest.mark.parametrize("command", [["show"], ["explain"], ["advance", "--days", "1"], ["resolve", "--as", "m.o"]])
async def test_an_unknown_reference_is_bad_input(script: Script, command: list[str]) -> None:
    ran = await script(command[0], "S-0", *command[1:])
    assert (ran.code, ran.errors) == (2, ["REF: there is no complaint S-0"])


async def test_a_signal_is_sent_without_waiting_for_an_answer(script: Script) -> None:
    reference = await script.opened()
    sent = await script.done("acknowledge", reference, "--as", "m.okafor", "--signal", "--json", "--id", "a-1")
    assert sent.json == {"id": "a-1", "reference": reference, "code": "sent"}
    assert (await script.shown_after(reference, "acknowledge"))["status"] == "awaiting_reply"


async def test_a_signal_is_as_late_as_the_complaints_own_clock_says(script: Script) -> None:
    reference = await script.opened()
    lapsing = (await script.shown(reference))["deadlines"][0]
    await script.passed(reference, lapsing["at"])
    await script.done("acknowledge", reference, "--as", "m.okafor", "--signal")
    story = await script.shown_after(reference, "acknowledge")
    [met] = [each for each in story["deadlines"] if each["kind"] == "acknowledgement"]
    assert met["lapsed_at"] == lapsing["at"]
    assert met["met_at"] > lapsing["at"]


async def test_the_login_name_keys_what_the_complainant_says(script: Script, monkeypatch: pytest.MonkeyPatch) -> None:
    reference = await script.opened()
    monkeypatch.setattr("getpass.getuser", lambda: "front desk")
    await script.done("resolve", reference)
    [resolved] = [event for event in (await script.shown(reference))["events"] if event["kind"] == "resolve"]
    assert resolved["by"] == "front-desk"


async def test_an_account_without_a_login_name_needs_the_as_option(
    script: Script, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nobody() -> str:
        raise KeyError("getpwuid(): uid not found: 4711")

    monkeypatch.setattr("getpass.getuser", nobody)
    ran = await script("resolve", "S-0")
    assert (ran.code, ran.errors) == (2, ["--as: is needed"])
    ran = await script("open", "-")
    assert (ran.code, ran.errors) == (2, ["--as: is needed, because the login name is not known"])


async def test_a_complaint_goes_through_all_tiers_by_commands(script: Script) -> None:
    reference = await script.opened(told_case_handler_on=None)
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
        await script.done(act[0], reference, *act[1:])
    story = await script.shown(reference)
    assert (story["status"], story["closing_reason"], story["tier"]) == (
        "closed",
        "opinion_given",
        "independent_assessor",
    )
    assert [undertaking["what"] for undertaking in story["undertakings"]][:2] == [
        "ring back [x]",
        "compensation of £75.50",
    ]
    ran = await script("withdraw", reference)
    assert (ran.code, "(closed)" in ran.err) == (3, True)


def _reply_due(story: Any) -> date:
    [due] = [each["due_on"] for each in story["deadlines"] if each["kind"] == "reply"]
    return date.fromisoformat(due)
