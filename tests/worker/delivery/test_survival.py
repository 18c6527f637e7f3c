"""Nothing owed is lost and nothing is sent twice in effect, whatever dies on the way."""

import asyncio
import os
import random
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.messages.key import WEBHOOK, DeliveryStatus
from complaints.procedure import acts
from complaints.records.deliveries import list_deliveries
from complaints.runtime.clock import now as real_now
from local.ephemeral_stack import EphemeralStack
from local.supervisor.processes import wait_until
from tests.channels.faults import Silence
from tests.channels.smtp_server import SmtpServer
from tests.channels.webhook_server import WebhookServer
from tests.worker.delivery.delivery_worker import settings
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener

COMPLAINTS = int(os.environ.get("COMPLAINTS_TO_SURVIVE", "12"))
KILLS, AT_ONCE = 3, 6
TASK_QUEUE = "to-survive"
READY_WITHIN = 60.0
ALL_SENT_WITHIN = 90.0 + COMPLAINTS
"""Seconds."""


@pytest.mark.timeout(2 * ALL_SENT_WITHIN)
async def test_every_owed_letter_and_alert_of_many_complaints_is_delivered_once_in_effect(
    stack: EphemeralStack, record_url: str, client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    """With COMPLAINTS_TO_SURVIVE=200, of two hundred."""
    opener = ComplaintOpener(client, engine, TASK_QUEUE)
    async with SmtpServer() as mail, WebhookServer() as webhook:
        environment = settings(mail, webhook, tmp_path / "post", TASK_QUEUE)
        opening = asyncio.create_task(_open_all(opener))
        for number in range(KILLS):
            async with _worker(stack, record_url, environment, tmp_path) as doomed:
                await asyncio.sleep(1)
                await mail.stop()
                await asyncio.sleep(0.3)
                await mail.start()
                mail.inject("data", Silence.DROP, times=2 + number)
                await asyncio.sleep(0.7)
                doomed.send_signal(signal.SIGKILL)
                await doomed.wait()
        mail.clear_faults()
        async with _worker(stack, record_url, environment, tmp_path):
            complaints = await opening
            for complaint in complaints:
                await complaint.wait_until_recorded(ALL_SENT_WITHIN)
            await _until_all_is_sent(engine, {complaint.reference for complaint in complaints})
        owed = [d for complaint in complaints async for d in list_deliveries(engine, reference=complaint.reference)]
        assert len(owed) >= 3 * COMPLAINTS
        by_mail = {str(d.key) for d in owed if d.key.to != WEBHOOK}
        assert by_mail <= {_key(message_id) for message_id in mail.by_message_id()}
        assert {str(d.key) for d in owed if d.key.to == WEBHOOK} <= set(webhook.by_key())
        for copies in mail.by_message_id().values():
            assert len({copy.message["To"] for copy in copies}) == 1
            assert len({copy.message["Subject"] for copy in copies}) == 1


def _key(message_id: str) -> str:
    return message_id.removeprefix("<").rpartition("@")[0].replace("=3A", ":")


async def _open_all(opener: ComplaintOpener) -> list[ComplaintDriver]:
    places = asyncio.Semaphore(AT_ONCE)

    async def live(number: int) -> ComplaintDriver:
        async with places:
            now = real_now()
            complaint = await opener.open(now=now, received_at=now, told_case_handler_on=str(now.date()), advance=False)
            await complaint.signal(acts.Acknowledge, "h.lee")
            await complaint.signal(acts.Acknowledge)
            if number % 2:
                await complaint.signal(acts.Reply, outcome="upheld", findings="We were slow.")
            await asyncio.sleep(random.random() / 5)  # noqa: S311
            return complaint

    return await asyncio.gather(*(live(number) for number in range(COMPLAINTS)))


async def _until_all_is_sent(engine: AsyncEngine, references: set[str]) -> None:
    async with asyncio.timeout(ALL_SENT_WITHIN):
        while True:
            waiting = [
                d async for d in list_deliveries(engine, status=DeliveryStatus.WAITING) if d.key.reference in references
            ]
            if not waiting:
                return
            await asyncio.sleep(0.2)


@asynccontextmanager
async def _worker(
    stack: EphemeralStack, record_url: str, environment: dict[str, str], folder: Path
) -> AsyncIterator[asyncio.subprocess.Process]:
    """Start a real worker and wait until it is ready. Kill it at the end."""
    ready = folder / "ready"
    ready.unlink(missing_ok=True)
    where = {
        "TEMPORAL_ADDRESS": stack.temporal_address,
        "COMPLAINTS_DATABASE_URL": record_url,
        "COMPLAINTS_READY_FILE": str(ready),
        **stack.key_settings,
    }
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "worker", "run"),
        env={**os.environ, **environment, **where},
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert await asyncio.to_thread(wait_until, ready.exists, patience=READY_WITHIN)
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
