"""A worker with channels, a mail server and a webhook receiver that can misbehave."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from operator import attrgetter
from pathlib import Path
from types import MappingProxyType
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import MetricMeter, WorkerDeploymentVersion

from complaints.messages.key import COMPLAINANT, DeliveryStatus, MessageKey
from complaints.policies.loader import load_policy
from complaints.procedure.views.views import ComplaintHistory
from complaints.records.deliveries import Delivery, ask_again, list_deliveries
from complaints.records.personal.encryption import keys_of
from complaints.runtime.clock import now
from complaints.settings import WorkerSettings
from starter.client.start_delivery import start_delivery
from tests.channels.smtp_server import SmtpServer
from tests.channels.webhook_server import WebhookServer
from tests.fixtures.staff import ALL_STAFF
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener
from worker.composition import make_backlog, make_operations_worker, make_worker, run_workers
from worker.delivery.outbox import OutboxDispatcher
from worker.delivery.start import open_deliveries

LETTERS = Path(__file__).parents[3] / "examples" / "letters"
SECRET = "0123456789abcdef" * 2
LEADS_OF_MANAGER = tuple(
    f"{member.id}@staff.example.org" for member in sorted(ALL_STAFF, key=attrgetter("id")) if "manager" in member.leads
)
"""One message to all of them."""
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
SETTLED_WITHIN = 60.0
"""Seconds."""


@dataclass
class Office:
    """Open complaints, and read the messages sent."""

    opener: ComplaintOpener
    mail: SmtpServer
    webhook: WebhookServer
    post: Path

    async def deliveries(self, complaint: ComplaintDriver) -> list[Delivery]:
        return [delivery async for delivery in list_deliveries(self.opener.engine, reference=complaint.reference)]

    async def settled(self, complaint: ComplaintDriver) -> list[Delivery]:
        """Wait until each message is sent or held."""
        await complaint.wait_until_recorded()
        async with asyncio.timeout(SETTLED_WITHIN):
            while True:
                deliveries = await self.deliveries(complaint)
                if all(delivery.status is not DeliveryStatus.WAITING for delivery in deliveries):
                    return deliveries
                await asyncio.sleep(0.05)

    async def settled_letters(self, complaint: ComplaintDriver) -> list[Delivery]:
        """Wait until each message is sent or held; return the letters."""
        return [delivery for delivery in await self.settled(complaint) if delivery.key.to == COMPLAINANT]

    async def open(self, **form: Any) -> ComplaintDriver:
        """Open a complaint, and wait until its holder's alert has gone."""
        complaint = await self.opener.open(**form)
        await self.when_recorded(complaint, "alerted")
        await self.settled(complaint)
        return complaint

    async def when_recorded(self, complaint: ComplaintDriver, kind: str) -> ComplaintHistory:
        """Wait until the complaint has an event of that kind."""
        async with asyncio.timeout(SETTLED_WITHIN):
            while True:
                history = await complaint.wait_until_recorded()
                if any(event.kind == kind for event in history.events):
                    return history
                await asyncio.sleep(0.05)

    async def post_again(self, key: MessageKey) -> None:
        await ask_again(self.opener.engine, [key], "m.okafor", now())
        await start_delivery(self.opener.client, self.opener.task_queue, key, "again", again=True)

    def letters_about(self, complaint: ComplaintDriver) -> list[str]:
        """Return the subjects of the mail to the complainant."""
        return [
            str(t.message["Subject"])
            for t in self.mail.messages
            if t.message["Complaint-Reference"] == complaint.reference
            and not any(recipient.endswith("@staff.example.org") for recipient in t.recipients)
        ]


def settings(mail: SmtpServer, webhook: WebhookServer, post: Path, task_queue: str) -> dict[str, str]:
    return {
        "COMPLAINTS_TASK_QUEUE": task_queue,
        "COMPLAINTS_SMTP": mail.url,
        "COMPLAINTS_MAIL_FROM": "Complaints <complaints@example.org>",
        "COMPLAINTS_STAFF_DOMAIN": "staff.example.org",
        "COMPLAINTS_LETTERS": str(LETTERS),
        "COMPLAINTS_POST_ROOM": str(post),
        "COMPLAINTS_WEBHOOK": webhook.url,
        "COMPLAINTS_WEBHOOK_SECRET": SECRET,
    }


@asynccontextmanager
async def open_office(
    client: Client,
    engine: AsyncEngine,
    database_url: str,
    post: Path,
    task_queue: str,
    *,
    further: Sequence[Callable[..., Any]] = (),
    version: WorkerDeploymentVersion | None = None,
    mail: SmtpServer | None = None,
    further_settings: Mapping[str, str] = NO_SETTINGS,
) -> AsyncIterator[Office]:
    """Run workers with channels. Without `mail`, they get a mail server of their own."""
    async with AsyncExitStack() as opened:
        if mail is None:
            mail = await opened.enter_async_context(SmtpServer())
        webhook = await opened.enter_async_context(WebhookServer())
        read = WorkerSettings.read({**settings(mail, webhook, post, task_queue), **further_settings})
        deliveries = await opened.enter_async_context(
            open_deliveries(
                read, load_policy(), client, database_url, keys_of(engine), MetricMeter.noop, version=version
            )
        )
        outbox = OutboxDispatcher(client, task_queue, with_webhook=True)
        await opened.enter_async_context(outbox.running())
        backlog = make_backlog(engine, with_webhook=True)
        worker = make_worker(
            client,
            engine,
            task_queue,
            backlog=backlog,
            version=version,
            outbox=outbox,
        )
        operations = make_operations_worker(client, engine, task_queue, further, version=version)
        await opened.enter_async_context(run_workers(worker, operations, deliveries))
        yield Office(ComplaintOpener(client, engine, task_queue), mail, webhook, post)
