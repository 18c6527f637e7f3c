"""After a restore of the record, nothing goes twice, and what is owed still goes."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from activities.delivery import delivery_workflow_id
from complaints.messages.key import COMPLAINANT, DeliveryStatus
from complaints.procedure import acts
from complaints.records import tables
from complaints.records.deliveries import list_deliveries
from complaints.runtime.clock import now
from starter.client.start_delivery import start_delivery
from tests.worker.delivery.delivery_worker import Office, open_office
from tests.workflows.complaint_driver import ComplaintDriver
from worker.replay import settled_letters
from worker.replay.reconcile import reconcile
from worker.replay.settled_letters import MAY_HAVE_GONE, SettledLetters

COMPLAINANT_WITH_BOTH = {
    "name": "Ada",
    "capacity": "customer",
    "email": "ada@example.org",
    "address": "1 High Street, Leeds",
    "prefers": "email",
}


@pytest.fixture
async def office(client: Client, engine: AsyncEngine, record_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(client, engine, record_url, tmp_path / "post", f"settled-{tmp_path.name}") as office:
        yield office


async def test_every_delivery_is_marked_again_as_temporal_knows_it(office: Office, restored: AsyncEngine) -> None:
    complaint = await office.open(complainant=COMPLAINANT_WITH_BOTH)
    await complaint.do(acts.Acknowledge)
    [acknowledgement] = await office.settled_letters(complaint)
    office.mail.inject("rcpt", "550 5.1.1 no such user", times=1)
    await complaint.do(acts.CaseClosed, "case-system")
    await complaint.do(acts.Reply, outcome="upheld", findings="We were slow.")
    await office.when_recorded(complaint, "letter_held")
    await complaint.do(acts.ChangeContact, "intake", email="ada.new@example.org")
    await office.when_recorded(complaint, "letter_sent")
    came_back = {"letter": acknowledgement.key.sequence, "reason": "It came back."}
    await complaint.do(acts.LetterHeld, "op", **came_back)
    await office.settled(complaint)
    sent = len(office.mail.messages)
    lines = await reconcile_all(office, restored)
    assert not [line for line in lines if "marked again" in line]
    assert await deliveries_of(restored, complaint) == await deliveries_of(office.opener.engine, complaint)
    assert {row["to"] for row in await deliveries_of(restored, complaint)} >= {COMPLAINANT, "webhook"}

    await dispatch_waiting(office, restored)
    async with restored.begin() as connection:
        await connection.execute(update(tables.deliveries).values(sent_at=None, held_at=None, why=None))
    await dispatch_waiting(office, restored)
    lines = await reconcile_all(office, restored)
    assert [line for line in lines if line.endswith("done in Temporal and open on the record, marked again")]
    assert await statuses(restored, complaint) == {DeliveryStatus.SENT}
    assert len(office.mail.messages) == sent
    assert await reconcile_all(office, restored) == []


async def test_a_letter_that_had_not_gone_is_still_owed(office: Office, restored: AsyncEngine) -> None:
    complaint = await office.open()
    await office.mail.stop()
    await complaint.do(acts.Acknowledge)
    await complaint.wait_until_recorded()
    await reconcile_all(office, restored)
    [letter] = [
        each async for each in list_deliveries(restored, reference=complaint.reference) if each.key.to == COMPLAINANT
    ]
    assert letter.status is DeliveryStatus.WAITING
    await office.mail.start()
    await office.settled(complaint)


async def test_a_letter_older_than_temporals_retention_is_held_for_a_person(
    office: Office, restored: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = await office.open()
    await complaint.do(acts.Acknowledge)
    [letter] = await office.settled_letters(complaint)

    async def retention_ended(client: Client, task_queue: str, at: datetime) -> SettledLetters:
        return SettledLetters(client, task_queue, timedelta(0), at.replace(year=2040))

    async def unknown(*_: Any) -> None:
        return None

    monkeypatch.setattr(SettledLetters, "of", retention_ended)
    monkeypatch.setattr(settled_letters, "find_known_delivery", unknown)
    await reconcile_all(office, restored)
    [held] = [
        each async for each in list_deliveries(restored, reference=complaint.reference) if each.key.to == COMPLAINANT
    ]
    assert (held.key, held.status, held.why) == (letter.key, DeliveryStatus.HELD, MAY_HAVE_GONE)


async def test_a_delivery_that_somebody_terminated_is_started_again(office: Office) -> None:
    complaint = await office.open()
    await office.mail.stop()
    await complaint.do(acts.Acknowledge)
    await complaint.wait_until_recorded()
    [letter] = [each for each in await office.deliveries(complaint) if each.occasion == "acknowledgement"]
    async with asyncio.timeout(60):
        while True:
            with suppress(RPCError):  # it starts once the letter is on the record
                await office.opener.client.get_workflow_handle(delivery_workflow_id(letter.key)).terminate()
                break
            await asyncio.sleep(0.05)
    await office.mail.start()
    await start_delivery(office.opener.client, office.opener.task_queue, letter.key, letter.summary)
    [sent] = await office.settled_letters(complaint)
    assert sent.status is DeliveryStatus.SENT


async def reconcile_all(office: Office, record: AsyncEngine) -> list[str]:
    lines: list[str] = []
    await reconcile(office.opener.client, record, office.opener.task_queue, lines.append)
    return lines


async def dispatch_waiting(office: Office, record: AsyncEngine) -> None:
    """Start what waits, as the worker's sweep does."""
    async for delivery in list_deliveries(record, status=DeliveryStatus.WAITING, owed_before=now().replace(year=2040)):
        await start_delivery(office.opener.client, office.opener.task_queue, delivery.key, delivery.summary)


async def deliveries_of(record: AsyncEngine, complaint: ComplaintDriver) -> list[dict[str, Any]]:
    """Read its deliveries. In virtual time, the instant of sending may differ."""
    table = tables.deliveries
    rows = select(table).where(table.c.reference == complaint.reference).order_by(table.c.sequence, table.c.to)
    async with record.connect() as connection:
        found = (await connection.execute(rows)).mappings().all()
    return [{**row, "sent_at": row["sent_at"] is not None} for row in found]


async def statuses(record: AsyncEngine, complaint: ComplaintDriver) -> set[DeliveryStatus]:
    return {each.status async for each in list_deliveries(record, reference=complaint.reference)}
