"""The details of a complaint in Temporal's web page."""

import re
from datetime import timedelta

from temporalio.api.sdk.v1 import WorkflowMetadata
from temporalio.client import Client

from complaints.procedure import acts
from tests.procedure.builders import BY_HAND, POST, Story, opened, replied
from tests.workflows.complaint_driver import MONDAY, ComplaintOpener
from workflows import names
from workflows.current_details import COLUMNS, render_details


def details(story: Story) -> str:
    return render_details(story.complaint, story.now)


def unwrapped(text: str) -> str:
    """Join the lines of each paragraph and of each list item, as Markdown does."""
    return re.sub(r"(?<=\S)\n *(?=[^-\s])", " ", text)


def test_the_details_show_state_dates_and_available_acts() -> None:
    story = opened(case={"open": True, "answered_on": None}).at("2026-03-05 09:30")
    story.does(acts.Extend, to="2026-03-24")
    assert details(story) == "\n".join(
        [
            "### Overdue since Thu 5 Mar 2026: acknowledgement",
            "",
            "Manager: awaiting acknowledgement. Received Mon 2 Mar 2026 10:00. The case is",
            "open. Held by mark.",
            "",
            "- Manager: acknowledgement, due Wed 4 Mar 2026: overdue since Thu 5 Mar 2026",
            "- Manager: reply, due Tue 24 Mar 2026 (first Mon 16 Mar 2026): running",
            "",
            "**Next:** Mon 23 Mar 2026 09:00, Manager: reminder that the reply is due Tue 24",
            "Mar 2026",
            "",
            "**May be done now:**",
            "",
            "- `complaints acknowledge CSC-1 --as ID`",
            "- `complaints reply CSC-1 --as ID --outcome upheld|partly_upheld|not_upheld",
            "  --findings TEXT`",
            "- `complaints extend CSC-1 --as ID --to DATE --explanation TEXT`",
            "- `complaints classify CSC-1 N --as ID --aspect ASPECT --reason TEXT`",
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
    assert "- Undertaking 1: action, due Fri 20 Mar 2026: running\n" in details(story)
    assert "Vaughan" not in details(story)
    story.at("2026-03-23 11:00")
    assert details(story).startswith("### Overdue since Sat 21 Mar 2026: undertaking 1\n")
    story.does(acts.CarryOut, undertaking=1)
    assert "lapsed Sat 21 Mar 2026 00:00, met Mon 23 Mar 2026 11:00\n" in unwrapped(details(story))


def test_the_heading_says_what_is_overdue_longest_and_how_much_more_is() -> None:
    text = details(opened().at("2026-04-25 09:30"))
    assert text.startswith(
        "### Overdue since Fri 27 Mar 2026: acknowledgement, and 1 more\n\nCustomer Complaints team: "
    )
    assert "- Customer Complaints team: reply, due Thu 9 Apr 2026: overdue since Fri 10 Apr 2026\n" in unwrapped(text)
    assert max(map(len, text.splitlines())) <= COLUMNS


def test_the_details_show_the_windows_end() -> None:
    assert "The complainant may go on until the end of Sun 5 Apr 2026." in unwrapped(details(replied()))
    story = replied(case={"open": True, "answered_on": None}, complainant=POST)
    assert "The complainant may go on while the case is open." in unwrapped(details(story))


def test_a_deadline_in_seconds_is_shown_with_its_time() -> None:
    story = opened(policy=BY_HAND)
    assert "- Manager: acknowledgement, due Mon 2 Mar 2026 10:00:20: running\n" in details(story)
    assert details(story.at("2026-03-02 10:00:25")).startswith(
        "### Overdue since Mon 2 Mar 2026 10:00:20: acknowledgement\n"
    )


def test_a_closed_complaint_says_how_it_closed_and_when_its_workflow_completes() -> None:
    story = opened()
    story.does(acts.Withdraw)
    text = unwrapped(details(story))
    assert text.startswith("### Manager: closed, withdrawn\n")
    assert "Closed Mon 2 Mar 2026 10:00." in text
    assert "- Manager: reply, due Mon 16 Mar 2026: no longer awaited\n" in text
    assert "**Next:** Thu 3 Sep 2026 00:00, closed for good: the workflow completes, the record stays" in text


async def test_temporal_shows_the_current_details(opener: ComplaintOpener, client: Client) -> None:
    complaint = await opener.open()
    await complaint.do(acts.Acknowledge)
    await complaint.advance_to(MONDAY + timedelta(days=3))
    metadata = await client.get_workflow_handle(complaint.reference).query(
        "__temporal_workflow_metadata", result_type=WorkflowMetadata
    )
    assert metadata.current_details.startswith("### Manager: awaiting reply\n")
    assert "- Manager: acknowledgement, due Wed 5 Mar 2031: met Mon 3 Mar 2031 09:00" in metadata.current_details
    queries = {query.name: query.description for query in metadata.definition.query_definitions}
    assert queries[names.STATE_QUERY]
    assert queries[names.EXPLAIN_QUERY]
