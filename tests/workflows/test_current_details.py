"""The details of a complaint in Temporal's web page."""

from datetime import timedelta

from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client

from complaints.procedure import acts
from complaints.procedure.enums import Aspect
from tests.procedure.builders import BY_HAND, POST, Story, opened, replied
from tests.workflows.complaint_driver import MONDAY, ComplaintOpener
from workflows import names
from workflows.current_details import render_details


def details(story: Story) -> str:
    return render_details(story.complaint, story.now)


def test_the_details_show_state_dates_and_available_acts() -> None:
    story = opened(case={"open": True, "answered_on": None}).at("2026-03-05 09:30")
    story.does(acts.Extend, to="2026-03-24")
    assert details(story) == "\n".join(
        [
            "### Manager: awaiting acknowledgement, overdue",
            "",
            "Received Mon 2 Mar 2026 10:00. The case is open. Held by mark.",
            "",
            "| due by the end of | first | current | met or lapsed |",
            "|---|---|---|---|",
            "| Manager: acknowledgement | Wed 4 Mar 2026 | Wed 4 Mar 2026 | lapsed Thu 5 Mar 2026 00:00 |",
            "| Manager: reply | Mon 16 Mar 2026 | Tue 24 Mar 2026 | running |",
            "",
            "**Next:** Mon 23 Mar 2026 09:00, Manager: reminder that the reply is due Tue 24 Mar 2026",
            "",
            "**May be done now:**",
            "",
            "- `complaints acknowledge CSC-1 --as ID`",
            "- `complaints reply CSC-1 --as ID --outcome upheld|partly_upheld|not_upheld --findings TEXT`",
            "- `complaints extend CSC-1 --as ID --to DATE --explanation TEXT`",
            f"- `complaints classify CSC-1 N --as ID --aspect {'|'.join(Aspect)} --reason TEXT`",
            "- `complaints resolve CSC-1 --as ID`",
            "- `complaints withdraw CSC-1 --as ID`",
            "- `complaints reassign CSC-1 --as ID --to ID --reason TEXT`",
            "- `complaints case-closed CSC-1 --as ID`",
            "- `complaints add-information CSC-1 --as ID --note TEXT`",
            "- `complaints change-contact CSC-1 --as ID --address TEXT`",
            "- `complaints close-in-error CSC-1 --as ID --reason TEXT`",
        ]
    )


def test_an_undertaking_is_named_by_its_kind_without_free_text() -> None:
    story = opened()
    story.does(acts.Reply, remedies=[{"kind": "action", "what": "Ring Mr Vaughan."}], carry_out_by="2026-03-20")
    assert "| Undertaking 1: action | Fri 20 Mar 2026 | Fri 20 Mar 2026 | running |" in details(story)
    assert "Vaughan" not in details(story)
    story.at("2026-03-23 11:00").does(acts.CarryOut, undertaking=1)
    assert "| lapsed Sat 21 Mar 2026 00:00, met Mon 23 Mar 2026 11:00 |" in details(story)


def test_the_details_show_the_windows_end() -> None:
    assert "The complainant may go on until the end of Sun 5 Apr 2026." in details(replied())
    story = replied(case={"open": True, "answered_on": None}, complainant=POST)
    assert "The complainant may go on while the case is open." in details(story)


def test_a_deadline_in_seconds_is_shown_with_its_time() -> None:
    assert "| Manager: acknowledgement | Mon 2 Mar 2026 10:00:20 |" in details(opened(policy=BY_HAND))


def test_a_closed_complaint_says_how_it_closed_and_when_its_workflow_completes() -> None:
    story = opened()
    story.does(acts.Withdraw)
    text = details(story)
    assert text.startswith("### Manager: closed, withdrawn\n")
    assert "Closed Mon 2 Mar 2026 10:00." in text
    assert "| not met |" not in text
    assert "**Next:** Thu 3 Sep 2026 00:00, closed for good: the workflow completes, the record stays" in text


async def test_temporal_shows_the_current_details(opener: ComplaintOpener, client: Client) -> None:
    complaint = await opener.open()
    await complaint.do(acts.Acknowledge)
    await complaint.advance_to(MONDAY + timedelta(days=3))
    metadata = await client.get_workflow_handle(complaint.reference).query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    assert metadata.current_details.startswith("### Manager: awaiting reply\n")
    row = "| Manager: acknowledgement | Wed 5 Mar 2031 | Wed 5 Mar 2031 | met Mon 3 Mar 2031 09:00 |"
    assert row in metadata.current_details
    queries = {query.name: query.description for query in metadata.definition.query_definitions}
    assert queries[names.STATE_QUERY]
    assert queries[names.EXPLAIN_QUERY]
