"""The part of the worker that delivers letters and alerts, where channels are set up."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from activities.calendar_check import CalendarCheckActivities
from activities.delivery import DeliveryActivities, queue_of
from activities.digest import DigestActivities
from activities.retention import RetentionNoticeActivities
from complaints.procedure.policy import Policy
from complaints.records.database import make_engine
from complaints.runtime.background import background_task
from complaints.runtime.clock import now
from complaints.settings import WorkerSettings
from worker.delivery.calendar_check import CalendarCheck
from worker.delivery.channels import has_channels, open_channels
from worker.delivery.deliverer import MessageSender
from worker.delivery.digests import DigestSender
from worker.delivery.outbox import OutboxDispatcher
from worker.delivery.retention_notice import RetentionNotice
from worker.delivery.stationery import read_stationery
from worker.schedules import make_schedules

MAX_CONCURRENT_DELIVERIES = 20
"""How many letters and alerts are sent at a time; each keeps a connection of the database meanwhile."""


@asynccontextmanager
async def delivery_worker(
    settings: WorkerSettings, policy: Policy, client: Client, engine: AsyncEngine
) -> AsyncIterator[OutboxDispatcher | None]:
    """None: nothing can be sent, and what is owed waits on the record. Raises CannotStartError."""
    if not has_channels(settings):
        yield None
        return
    stationery = read_stationery(settings.letters)
    posting = OutboxDispatcher(client, settings.task_queue, with_webhook=settings.webhook is not None)
    async with AsyncExitStack() as opened:
        own = make_engine(engine.url.render_as_string(hide_password=False), pool_size=MAX_CONCURRENT_DELIVERIES)
        opened.push_async_callback(own.dispose)
        channels = await opened.enter_async_context(open_channels(settings))
        delivers = MessageSender(own, channels, stationery, now)
        announcing = RetentionNotice(delivers, policy, now)
        digests = DigestSender(own, delivers, policy, now)
        digest = DigestActivities(digests.recipients, digests.send)
        check = CalendarCheck(own, delivers, policy.tiers[0].id, now)
        await make_schedules(client, policy, settings.task_queue)
        activities: list[Callable[..., Any]] = [
            DeliveryActivities(delivers.deliver).deliver,
            digest.list_digest_recipients,
            digest.send_digest,
            RetentionNoticeActivities(announcing.send).announce,
            CalendarCheckActivities(check.check).check_calendars,
        ]
        await opened.enter_async_context(make_delivery_worker(client, settings.task_queue, activities))
        await opened.enter_async_context(background_task(posting.sweep(own, now)))
        yield posting


def make_delivery_worker(client: Client, task_queue: str, activities: Sequence[Callable[..., Any]]) -> Worker:
    """Beside `make_worker`, for the same `task_queue`: does what needs channels."""
    return Worker(
        client,
        task_queue=queue_of(task_queue),
        activities=activities,
        max_concurrent_activities=MAX_CONCURRENT_DELIVERIES,
        graceful_shutdown_timeout=timedelta(seconds=30),
    )
