"""The JSON that other programs rely on, field by field."""

from datetime import date, datetime
from typing import Any

import pytest

from complaints.procedure.enums import ClosingReason, DeadlineKind, Status
from tests.admin.cli_runner import AUDITOR, CliRunner, reply


@pytest.fixture
async def reference(cli: CliRunner) -> str:
    """Return the reference of a complaint with a reply, an undertaking and a closed case."""
    reference = await cli.open_complaint()
    await cli.run("reply", reference, *reply("m.okafor", "--remedy", "action:write to the bank"))
    await cli.run("case-closed", reference)
    return reference


async def test_show_gives_the_documented_fields(cli: CliRunner, reference: str) -> None:
    history = await cli.show(reference)
    assert history["reference"] == reference
    assert history["status"] == "awaiting_complainant"
    assert history["tier"] == "manager"
    assert history["holder"] == "m.okafor"
    assert history["closed_at"] is None
    assert history["closing_reason"] is None
    assert history["overdue"] is False
    for field in ("received_at", "window_ends_at", "next_due_at"):
        assert _is_instant(history[field]), field
    assert history["window_ends_at"] > history["received_at"]


async def test_show_gives_each_deadline(cli: CliRunner, reference: str) -> None:
    acknowledgement, by_reply = (await cli.show(reference))["deadlines"]
    for deadline, kind in ((acknowledgement, "acknowledgement"), (by_reply, "reply")):
        assert (deadline["tier"], deadline["kind"]) == ("manager", kind)
        assert date.fromisoformat(deadline["due_on"])
        assert _is_instant(deadline["at"])
        assert deadline["first_at"] == deadline["at"]
        assert deadline["met_at"] < deadline["at"]
        assert deadline["lapsed_at"] is None


async def test_show_gives_each_undertaking(cli: CliRunner, reference: str) -> None:
    [undertaking] = (await cli.show(reference))["undertakings"]
    assert undertaking["number"] == 1
    assert undertaking["what"] == "write to the bank"
    assert date.fromisoformat(undertaking["by"])
    assert undertaking["carried_out_at"] is None
    await cli.run("carry-out", reference, "1", "--as", "m.okafor")
    [undertaking] = (await cli.show(reference))["undertakings"]
    assert _is_instant(undertaking["carried_out_at"])


async def test_show_gives_each_event(cli: CliRunner, reference: str) -> None:
    events = (await cli.show(reference))["events"]
    assert [event["sequence"] for event in events] == list(range(1, len(events) + 1))
    assert {"opened", "deadline_set", "reply", "window_opened", "case_closed"} <= {event["kind"] for event in events}
    [replied] = [event for event in events if event["kind"] == "reply"]
    assert replied["by"] == "m.okafor"
    assert _is_instant(replied["at"])
    assert replied["what"] == "Manager: replied, upheld"
    assert "words" not in replied


async def test_show_gives_a_closed_complaint(cli: CliRunner, reference: str) -> None:
    await cli.run("withdraw", reference)
    history = await cli.show(reference)
    assert (history["status"], history["closing_reason"]) == ("closed", "withdrawn")
    assert _is_instant(history["closed_at"])


async def test_list_gives_the_fields_of_show_without_events(cli: CliRunner, reference: str) -> None:
    history = await cli.show(reference)
    await cli.wait_until_recorded(reference)
    listed = (await cli.run("list", "--as", AUDITOR, "--json")).json
    [view] = [view for view in listed if view["reference"] == reference]
    assert view == {name: value for name, value in history.items() if name != "events"}


async def test_explain_gives_every_day_of_every_deadline(cli: CliRunner, reference: str) -> None:
    ledgers = (await cli.run("explain", reference, "--json")).json
    assert [ledger["deadline"]["kind"] for ledger in ledgers] == ["acknowledgement", "reply"]
    for ledger in ledgers:
        assert ledger["days"][-1]["on"] == ledger["deadline"]["due_on"]
        assert ledger["days"][-1]["skipped"] is None
        assert ledger["policy"] == "financial-ombudsman-service 1"
        assert "holidays" in ledger["calendar"]
    assert [sum(day["skipped"] is None for day in ledger["days"]) for ledger in ledgers] == [2, 10]


async def test_an_answer_has_its_id_and_the_next_due_time(cli: CliRunner, reference: str) -> None:
    answer = (await cli.run("escalate", reference, "--id", "e-1", "--json")).json
    assert answer["id"] == "e-1"
    assert answer["reference"] == reference
    assert answer["code"] == "done"
    assert answer["status"] == "awaiting_acknowledgement"
    assert answer["tier"] == "customer_complaints_team"
    assert answer["holder"] is None
    assert _is_instant(answer["next_due_at"])


async def test_advance_gives_the_complaints_new_time(cli: CliRunner, reference: str) -> None:
    moved = (await cli.run("advance", reference, "--days", "1", "--json")).json
    assert moved["reference"] == reference
    assert _is_instant(moved["now"])


async def test_calculate_gives_the_due_date_and_its_ledger(cli: CliRunner) -> None:
    result = await cli.run("calculate", "--from", "2026-12-22", "--working-days", "3", "--json")
    assert result.json == {
        "from": "2026-12-22",
        "due_on": "2026-12-29",
        "deadline": "2026-12-30T00:00:00Z",
        "counted": ["2026-12-23", "2026-12-24", "2026-12-29"],
        "skipped": [
            {"on": "2026-12-25", "why": "Christmas Day"},
            {"on": "2026-12-26", "why": "Boxing Day"},
            {"on": "2026-12-27", "why": "weekend"},
            {"on": "2026-12-28", "why": "Boxing Day (observed)"},
        ],
    }


def test_enum_values_are_the_documented_ones() -> None:
    assert list(DeadlineKind) == ["acknowledgement", "reply", "opinion", "recommendation_answer"]
    assert list(Status) == [
        "with_case_handler",
        "awaiting_acknowledgement",
        "awaiting_reply",
        "awaiting_complainant",
        "awaiting_case_closing",
        "awaiting_admission",
        "awaiting_opinion",
        "awaiting_recommendations",
        "closed",
    ]
    assert set(ClosingReason) == {
        "settled",
        "resolved",
        "not_taken_further",
        "withdrawn",
        "final_reply",
        "opinion_given",
        "review_declined",
        "signposted",
        "out_of_time",
        "opened_in_error",
    }


def _is_instant(text: Any) -> bool:
    return datetime.fromisoformat(text).utcoffset() is not None
