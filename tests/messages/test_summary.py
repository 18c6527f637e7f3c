"""The summary of a letter or an alert on Temporal's page."""

import pytest

from complaints.messages.key import MessageKey
from complaints.messages.summary import summarise_message, summarise_repeat
from complaints.procedure.views.views import transition_since
from complaints.records.transitions import list_owed_messages
from tests.procedure.builders import opened

DUE = "Manager: reply was due by Mon 16 Mar 2026"


@pytest.mark.parametrize(
    ("to", "kind", "occasion", "what", "summary"),
    [
        ("complainant", "letter", "reply", "Manager: reply", "Reply, by email, to the complainant of C-1003"),
        ("complainant", "letter", "more_time", "", "More time, by email, to the complainant of C-1003"),
        ("lead:manager", "alerted", "reply_lapsed", DUE, f"Alert to the lead (manager) about C-1003: {DUE}"),
        ("staff:m.okafor", "reminded", None, DUE, f"Reminder to m.okafor about C-1003: {DUE}"),
        (
            "role:customer_complaints_team",
            "chased",
            None,
            DUE,
            f"Chaser to everybody (customer complaints team) about C-1003: {DUE}",
        ),
        ("webhook", "alerted", "given", "given to m.okafor", "Alert to the webhook about C-1003: given to m.okafor"),
    ],
)
def test_a_message_is_named_with_its_recipient_and_its_complaint(
    to: str, kind: str, occasion: str | None, what: str, summary: str
) -> None:
    key = MessageKey(reference="C-1003", sequence=7, to=to)
    assert summarise_message(key, channel="email", kind=kind, occasion=occasion, what=what) == summary


def test_a_letter_that_goes_again_is_named_by_its_number() -> None:
    key = MessageKey(reference="C-1003", sequence=7, to="complainant")
    assert summarise_repeat(key, "post") == "Letter 7 again, by post, to the complainant of C-1003"


def test_every_message_of_a_complaint_that_nobody_answers_has_a_summary() -> None:
    story = opened().at("2026-04-05 09:30")
    summaries = list_owed_messages(transition_since(story.complaint, 0), with_webhook=True)
    kinds = {summary.split()[0].strip(",") for summary in summaries.values()}
    assert kinds == {"Alert", "Reminder", "Chaser", "Passed", "Reply"}
    assert all("CSC-1" in summary for summary in summaries.values())
