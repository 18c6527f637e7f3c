"""The searches in `docs/operations.md` find what they say, on a real server."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

import pytest_asyncio
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from activities.delivery import delivery_workflow_id
from complaints.messages.key import COMPLAINANT, MessageKey
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.enums import EventKind
from starter.client.start_delivery import start_delivery
from tests.fixtures.searches import PAGE, documented_searches
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener

SEARCHES = documented_searches()
DAY = timedelta(days=1)
LISTED_WITHIN = 60.0
"""Seconds until Temporal's list has a change."""


def on(month: int, day: int) -> datetime:
    return datetime(2031, month, day, 10, tzinfo=UTC)


@dataclass(frozen=True)
class World:
    """A complaint for each search, all opened on Monday, 3 March 2031."""

    client: Client
    acknowledged: ComplaintDriver
    """Its reply is due by the end of Monday, 17 March."""
    in_summer: ComplaintDriver
    """Its acknowledgement is due by the end of Wednesday, 9 July."""
    held: ComplaintDriver
    overdue: Mapping[str, ComplaintDriver]
    """By tier."""
    delivery: str
    """The id of a delivery of `acknowledged` that no worker takes."""

    async def found(self, query: str, expected: set[str]) -> set[str]:
        """Return what a query finds of this world, once it finds what is expected."""
        mine = {each.reference for each in (self.acknowledged, self.in_summer, self.held, *self.overdue.values())}
        mine.add(self.delivery)
        listed: set[str] = set()
        try:
            async with asyncio.timeout(LISTED_WITHIN):
                while True:
                    listed = {each.id async for each in self.client.list_workflows(query)} & mine
                    if listed == expected:
                        return listed
                    await asyncio.sleep(0.2)
        except TimeoutError:
            return listed


@pytest_asyncio.fixture(scope="module")
async def world(client: Client, engine: AsyncEngine, worker: Worker) -> World:
    opener = ComplaintOpener(client, engine, worker.task_queue)
    acknowledged = await opener.open()
    await acknowledged.do(acts.Acknowledge)
    july = datetime(2031, 7, 7, 9, tzinfo=UTC)
    in_summer = await opener.open(now=july, received_at=july, told_case_handler_on="2031-07-01")
    held = await opener.open()
    await held.do(acts.Acknowledge)
    history = await held.wait_until_recorded()
    letter = next(event.sequence for event in history.events if event.kind == EventKind.LETTER)
    await held.do(acts.LetterHeld, "op", letter=letter, reason="It came back.")
    key = MessageKey(reference=acknowledged.reference, sequence=1, to=COMPLAINANT)
    await start_delivery(client, "nobody", key, "Acknowledgement")
    overdue = {
        "manager": await never_answered(opener, until=on(3, 18)),
        "customer_complaints_team": await never_answered(opener, until=on(4, 10)),
        "independent_assessor": await under_review(opener, until=on(4, 30)),
    }
    return World(client, acknowledged, in_summer, held, overdue, delivery_workflow_id(key))


async def never_answered(opener: ComplaintOpener, until: datetime) -> ComplaintDriver:
    complaint = await opener.open()
    await complaint.advance_to(until)
    return complaint


async def under_review(opener: ComplaintOpener, until: datetime) -> ComplaintDriver:
    """The Independent Assessor accepts the review, and gives no opinion."""
    complaint = await opener.open()
    for act, by, fields in (
        (acts.CaseClosed, "case-system", {}),
        (acts.Reply, "m.okafor", {"outcome": "not_upheld", "findings": "We were quick."}),
        (acts.Escalate, "intake", {}),
        (acts.Reply, "t.jones", {"outcome": "not_upheld", "findings": "We were quick."}),
        (acts.Escalate, "intake", {}),
        (acts.AcceptReview, "i.assessor", {}),
    ):
        assert (await complaint.do(act, by, **fields)).code == "done"
    await complaint.advance_to(until)
    return complaint


def due_on(day: datetime) -> str:
    """Put another day into the query of the document."""
    query = SEARCHES["due on a day"].query
    return query.replace("2026-12-10", f"{day + DAY:%Y-%m-%d}").replace("2026-12-09", f"{day:%Y-%m-%d}")


async def test_every_link_has_the_query_of_its_row_and_the_server_takes_it(client: Client) -> None:
    assert len(SEARCHES) == 11
    for search in SEARCHES.values():
        assert search.linked_query == search.query
        assert urlsplit(search.url)._replace(query="").geturl() == PAGE
        await client.count_workflows(search.query)


async def test_complaints_are_found_without_their_deliveries(world: World) -> None:
    complaints = {each.reference for each in (world.acknowledged, world.in_summer, world.held, *world.overdue.values())}
    assert await world.found(SEARCHES["complaints only"].query, complaints) == complaints


async def test_waiting_letters_and_alerts_are_found_without_complaints(world: World) -> None:
    assert await world.found(SEARCHES["waiting letters and alerts"].query, {world.delivery}) == {world.delivery}


async def test_a_reference_finds_a_complaint_and_its_deliveries(world: World) -> None:
    query = SEARCHES["one complaint, its letters and alerts"].query.replace("C-1003", world.acknowledged.reference)
    expected = {world.acknowledged.reference, world.delivery}
    assert await world.found(query, expected) == expected


async def test_overdue_complaints_are_found_by_tier(world: World) -> None:
    for tier in load_policy().tiers:
        expected = {world.overdue[tier.id].reference}
        assert await world.found(SEARCHES[f"overdue: {tier.title}"].query, expected) == expected


async def test_a_day_finds_what_is_due_by_its_end_and_no_reminder_of_it(world: World) -> None:
    acknowledged, in_summer = {world.acknowledged.reference}, {world.in_summer.reference}
    assert await world.found(due_on(on(3, 17)), acknowledged) == acknowledged
    day_of_the_reminder, day_after = on(3, 14), on(3, 18)
    assert await world.found(due_on(day_of_the_reminder), set()) == set()
    assert await world.found(due_on(day_after), set()) == set()
    assert await world.found(due_on(on(7, 9)), in_summer) == in_summer
    by_the_hour = due_on(on(7, 9)).replace("T12:00:00Z", "T00:00:01+01:00")
    assert await world.found(by_the_hour, in_summer) == in_summer


async def test_a_held_letter_is_found_until_it_has_gone(world: World) -> None:
    query = SEARCHES["held letters"].query
    assert await world.found(query, {world.held.reference}) == {world.held.reference}
    [letter] = (await world.held.query_history()).held_letters
    await world.held.do(acts.LetterSent, "op", letter=letter)
    assert await world.found(query, set()) == set()


async def test_a_run_that_has_ended_is_not_listed_as_overdue(world: World) -> None:
    complaint = world.overdue["manager"]
    await complaint.handle.terminate()
    assert await world.found(SEARCHES["overdue: Manager"].query, set()) == set()
