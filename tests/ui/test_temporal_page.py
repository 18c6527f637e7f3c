"""Temporal's page in a real browser shows what the record has: `make ui-check`.

No part of `make test`, as it needs Debian's Chromium. It leaves screenshots in .local/ui-check.
"""

import asyncio
import json
import re
from dataclasses import replace
from datetime import date, datetime
from functools import partial

import pytest
import pytest_asyncio
from playwright.async_api import Error, Page, expect
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from activities.delivery import delivery_workflow_id
from complaints.encryption.data_keys import KeyRing
from complaints.formatting.command_hints import command_for
from complaints.messages.key import COMPLAINANT, MessageKey
from complaints.policies.loader import load_policy
from complaints.procedure.acts import ACTS, Extend
from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.views.available_acts import available_acts
from complaints.procedure.views.views import ComplaintHistory
from complaints.records import queries
from complaints.temporal.client import connect
from complaints.temporal.search_attributes import attributes_of
from complaints.temporal.virtual_time import VirtualStart, read_clock
from local.demo.player import play
from local.demo.stories.first_tiers import ANSWERED_IN_TIME, WITHDRAWN
from local.demo.stories.taken_further import NEVER_ANSWERED
from local.demo.story import LONDON, START, Story, on, until
from local.ephemeral_stack import EphemeralStack
from local.supervisor.ports import BLOCKED
from starter.client.start_delivery import start_delivery
from tests.fixtures.searches import PAGE as LIST
from tests.fixtures.searches import documented_searches
from tests.ui.conftest import PICTURES
from tests.workflows.complaint_driver import ComplaintDriver

pytestmark = pytest.mark.browser
LISTING_TIMEOUT_SECONDS = 60.0
"""The time in which a search must find a change."""

POLICY = load_policy()
SEARCHES = documented_searches()
OVERDUE = replace(
    NEVER_ANSWERED,
    steps=(
        NEVER_ANSWERED.steps[0],
        on(
            "2031-01-02 16:00",
            Extend,
            by="m.hughes",
            to=date(2031, 1, 13),
            explanation="I am waiting for the records of your six calls.",
        ),
        until("2031-01-15 09:00"),
    ),
)
"""A manager extends the deadline and never replies: one deadline is met, one lapses."""
UNDER_WAY = replace(ANSWERED_IN_TIME, steps=ANSWERED_IN_TIME.steps[:1])
STORIES: tuple[Story, ...] = (OVERDUE, UNDER_WAY, WITHDRAWN)


@pytest_asyncio.fixture(scope="session")
async def complaint(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, keys: KeyRing, worker: Worker
) -> ComplaintHistory:
    """Play all stories, and return the history of the overdue complaint."""
    starter = await connect({"TEMPORAL_ADDRESS": stack.temporal_address}, keys, [VirtualStart(START)])
    find = partial(queries.find_complaint, engine)
    histories = [
        await play(story, starter, policy=POLICY, find=find, task_queue=worker.task_queue, listener=lambda _: None)
        for story in STORIES
    ]
    return await ComplaintDriver(histories[0].reference, client, engine).check_agreement()


async def open_tab(page: Page, complaint: ComplaintHistory, name: str) -> None:
    await page.goto(complaint.reference)
    await page.wait_for_url("**/timeline")  # the page goes there, even from a tab chosen too early
    await page.get_by_test_id(f"{name}-tab").click()


async def save_picture(page: Page, name: str) -> None:
    await page.locator("#content").screenshot(path=PICTURES / f"{name}.png")


def format_instant(at: datetime) -> str:
    local = at.astimezone(LONDON)
    return f"{format_date(local.date())} {local:%H:%M}"


async def test_each_documented_search_lists_what_the_server_finds(
    page: Page, client: Client, engine: AsyncEngine, complaint: ComplaintHistory
) -> None:
    key = MessageKey(reference=complaint.reference, sequence=1, to=COMPLAINANT)
    await start_delivery(client, "nobody", key, f"Acknowledgement, by email, to the complainant of {key.reference}")
    tier = POLICY.title_of(complaint.tier or "")
    overdue = {view.reference async for view in queries.list_views(engine, overdue=True)}
    assert overdue == {complaint.reference}
    await until_listed(client, SEARCHES[f"overdue: {tier}"].query, overdue)
    await until_listed(client, SEARCHES["waiting letters and alerts"].query, {delivery_workflow_id(key)})
    for search in SEARCHES.values():
        found = {each.id async for each in client.list_workflows(search.query)}
        await page.goto(search.url.replace(LIST, ""))
        rows = page.get_by_test_id("workflows-summary-configurable-table-row")
        await expect(page.get_by_test_id("workflow-count")).to_have_text(re.compile(rf"^\D*{len(found)}\D*$"))
        await expect(rows).to_have_count(len(found))
        for workflow in found:
            await expect(rows.get_by_role("link", name=workflow, exact=True)).to_be_visible()
    await page.goto(SEARCHES["complaints only"].url.replace(LIST, ""))
    await expect(page.get_by_test_id("workflows-summary-configurable-table-row").first).to_be_visible()
    await save_picture(page, "search")


async def until_listed(client: Client, query: str, expected: set[str]) -> None:
    """Wait until Temporal's list has a change."""
    async with asyncio.timeout(LISTING_TIMEOUT_SECONDS):
        while True:
            if {found.id async for found in client.list_workflows(query)} == expected:
                return
            await asyncio.sleep(0.1)


async def test_the_summary_names_the_policy_and_the_aspects(page: Page, complaint: ComplaintHistory) -> None:
    await open_tab(page, complaint, "user-metadata")
    summary = page.frame_locator("#user-metadata-summary").locator("body")
    await expect(summary).to_contain_text(POLICY.title)
    for aspect in complaint.aspects:
        await expect(summary).to_contain_text(aspect.replace("_", " "))


async def test_the_details_show_status_deadlines_next_event_and_available_acts(
    page: Page, client: Client, engine: AsyncEngine, complaint: ComplaintHistory
) -> None:
    assert complaint.tier
    assert complaint.next_due_at
    await open_tab(page, complaint, "user-metadata")
    details = page.frame_locator("#user-metadata-current-details")
    status = f"{POLICY.title_of(complaint.tier)}: {complaint.status.replace('_', ' ')}."
    overdue = [deadline for deadline in complaint.deadlines if deadline.lapsed_at and not deadline.met_at]
    since = format_date(overdue[0].at.astimezone(LONDON).date())
    heading = details.get_by_role("heading")
    await expect(heading).to_have_text(f"Overdue since {since}: {overdue[0].kind.label}")
    await expect(details.locator("body")).to_contain_text(f"{status} Received ")
    await expect(details.locator("body")).to_contain_text(f"Held by {complaint.holder}.")
    await expect(details.locator("body")).to_contain_text(
        f"Next: {format_instant(complaint.next_due_at)}, {complaint.next_due}"
    )
    items = await details.get_by_role("listitem").all_inner_texts()
    for deadline in complaint.deadlines:
        due = f"{POLICY.title_of(deadline.tier)}: {deadline.kind.label}, due {format_date(deadline.due_on)}"
        moved = f" (first {format_date(deadline.first_on)})" if deadline.first_on != deadline.due_on else ""
        met = f"met {format_instant(deadline.met_at)}" if deadline.met_at else f"overdue since {since}"
        assert items.pop(0) == f"{due}{moved}: {met}"
    state = await queries.read_state(engine, complaint.reference)
    assert state
    may_be_done = available_acts(Complaint(state), await read_clock(client, complaint.reference))
    assert items == [command_for(act, complaint.reference, number) for act, number in may_be_done]
    await save_picture(page, "details")


async def test_the_timeline_names_every_act_and_timer(page: Page, client: Client, complaint: ComplaintHistory) -> None:
    await open_tab(page, complaint, "timeline")
    timeline = page.locator("#content")
    for event in complaint.events:
        if event.kind in {act.name for act in ACTS}:
            await expect(timeline).to_contain_text(event.kind)
    for summary in (await summaries(client, complaint, "timer_started_event_attributes")).values():
        await expect(timeline).to_contain_text(summary)
    assert complaint.next_due
    await expect(timeline).to_contain_text(complaint.next_due)
    await save_picture(page, "timeline")


async def test_the_event_history_has_the_summary_of_each_timer_and_activity(
    page: Page, client: Client, complaint: ComplaintHistory
) -> None:
    await open_tab(page, complaint, "history")
    await page.get_by_label("Per Page").select_option("500")
    timers = await summaries(client, complaint, "timer_started_event_attributes")
    activities = await summaries(client, complaint, "marker_recorded_event_attributes")
    assert list(timers.values())[-1] == complaint.next_due
    assert list(activities.values())[-1] == f"record events to {complaint.sequence}"
    for number, summary in {**timers, **activities}.items():
        await expect(page.locator(f"[data-eventid='{number}']")).to_contain_text(summary)
    await save_picture(page, "history")


async def test_the_page_shows_payloads_in_clear(page: Page, client: Client, complaint: ComplaintHistory) -> None:
    """By the codec server, in place of what Temporal has encrypted."""
    run = (await client.get_workflow_handle(complaint.reference).describe()).run_id
    await page.goto(f"{complaint.reference}/{run}/history/events/1")
    await expect(page.locator("#content")).to_contain_text(OVERDUE.read_form().complainant.name)
    await save_picture(page, "payload")


async def test_the_search_attributes_are_those_of_the_record(page: Page, complaint: ComplaintHistory) -> None:
    await open_tab(page, complaint, "search-attributes")
    shown = page.locator("#content .cm-content", has_text="ComplaintOverdue")
    expected = {pair.key.name: pair.value for pair in attributes_of(complaint)}
    found = {name: value for name, value in json.loads(await shown.inner_text()).items() if name in expected}
    for name in ("ComplaintDue", "ComplaintNextEvent"):
        found[name] = datetime.fromisoformat(found[name])
    assert found == expected
    await save_picture(page, "search-attributes")


async def summaries(client: Client, complaint: ComplaintHistory, kind: str) -> dict[int, str]:
    """Return the summary of each event of that type, by its number."""
    history = await client.get_workflow_handle(complaint.reference).fetch_history()
    return {
        event.event_id: json.loads(event.user_metadata.summary.data)
        for event in history.events
        if event.WhichOneof("attributes") == kind
    }


async def test_a_browser_does_not_connect_to_the_ports_of_the_pages_own_server(page: Page) -> None:
    for port in BLOCKED:
        with pytest.raises(Error, match="ERR_UNSAFE_PORT"):
            await page.goto(f"http://localhost:{port}/")
