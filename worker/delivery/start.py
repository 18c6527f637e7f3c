"""Start the worker of deliveries, where channels are configured."""

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta
from typing import Any

from temporalio.client import Client
from temporalio.worker import Worker

from activities.calendar_check import CalendarCheckActivities
from activities.delivery import DeliveryActivities, delivery_queue
from activities.digest import DigestActivities
from activities.retention import RetentionNoticeActivities
from complaints.letters.stationery import load_stationery
from complaints.procedure.policy import Policy
from complaints.runtime.background import background_task
from complaints.runtime.clock import now
from complaints.runtime.service import open_engine
from complaints.settings import WorkerSettings
from worker.delivery.calendar_check import CalendarCheck
from worker.delivery.channels import has_channels, open_channels
from worker.delivery.deliverer import MessageSender
from worker.delivery.digests import DigestSender
from worker.delivery.outbox import OutboxDispatcher
from worker.delivery.retention_notice import RetentionNotice
from worker.schedules import make_schedules

MAX_CONCURRENT_DELIVERIES = 20
"""Letters and alerts sent at a time; each holds a database connection."""


log = logging.getLogger(__name__)


@asynccontextmanager
async def delivery_worker(
    settings: WorkerSettings, policy: Policy, client: Client, database_url: str
) -> AsyncIterator[OutboxDispatcher | None]:
    """Run a worker of deliveries, and return its outbox. Raises StartupError.

    Return None where no channel is configured: messages then wait in PostgreSQL.
    """
    if not has_channels(settings):
        yield None
        return
    stationery = load_stationery(settings.letters)
    for tier_id in stationery.sender.tiers.keys() - {tier.id for tier in policy.tiers}:
        log.warning("a letterhead is for no tier of the policy in force", extra={"tier": tier_id})
    outbox = OutboxDispatcher(client, settings.task_queue, with_webhook=settings.webhook is not None)
    async with AsyncExitStack() as opened:
        engine = await opened.enter_async_context(open_engine(database_url, pool_size=MAX_CONCURRENT_DELIVERIES))
        channels = await opened.enter_async_context(open_channels(settings))
        sender = MessageSender(engine, channels, stationery, now)
        notice = RetentionNotice(sender, policy, now)
        digests = DigestSender(engine, sender, policy, now)
        digest = DigestActivities(digests.recipients, digests.send)
        check = CalendarCheck(engine, sender, policy.tiers[0].id, now)
        await make_schedules(client, policy, settings.task_queue)
        activities: list[Callable[..., Any]] = [
            DeliveryActivities(sender.deliver).deliver,
            digest.list_digest_recipients,
            digest.send_digest,
            RetentionNoticeActivities(notice.send).announce,
            CalendarCheckActivities(check.check).check_calendars,
        ]
        await opened.enter_async_context(make_delivery_worker(client, settings.task_queue, activities))
        await opened.enter_async_context(background_task(outbox.sweep(engine, now)))
        yield outbox


def make_delivery_worker(client: Client, task_queue: str, activities: Sequence[Callable[..., Any]]) -> Worker:
    """Return the worker for the activities of `task_queue` that need channels."""
    return Worker(
        client,
        task_queue=delivery_queue(task_queue),
        activities=activities,
        max_concurrent_activities=MAX_CONCURRENT_DELIVERIES,
        graceful_shutdown_timeout=timedelta(seconds=30),
    )
