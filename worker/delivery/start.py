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
from activities.retention import AnnouncingActivities
from complaints.procedure.policy import Policy
from complaints.records.database import make_engine
from complaints.runtime.background import beside
from complaints.runtime.clock import now
from complaints.settings import WorkerSettings
from worker.delivery.calendar_check import CalendarCheck
from worker.delivery.channels import has_channels, open_channels
from worker.delivery.deliverer import Delivering
from worker.delivery.digests import Digests
from worker.delivery.outbox import Posting
from worker.delivery.retention_notice import Announcing
from worker.delivery.stationery import read_stationery
from worker.schedules import make_schedules

DELIVERIES_AT_ONCE = 20
"""How many letters and alerts are sent at a time; each keeps a connection of the database meanwhile."""


@asynccontextmanager
async def delivering(
    settings: WorkerSettings, policy: Policy, client: Client, engine: AsyncEngine
) -> AsyncIterator[Posting | None]:
    """None: nothing can be sent, and what is owed waits on the record. Raises CannotStartError."""
    if not has_channels(settings):
        yield None
        return
    stationery = read_stationery(settings.letters)
    posting = Posting(client, settings.task_queue, with_webhook=settings.webhook is not None)
    async with AsyncExitStack() as opened:
        own = make_engine(engine.url.render_as_string(hide_password=False), pool_size=DELIVERIES_AT_ONCE)
        opened.push_async_callback(own.dispose)
        channels = await opened.enter_async_context(open_channels(settings))
        delivers = Delivering(own, channels, stationery, now)
        announcing = Announcing(delivers, policy, now)
        digests = Digests(own, delivers, policy, now)
        digest = DigestActivities(digests.whom, digests.tell)
        check = CalendarCheck(own, delivers, policy.tiers[0].id, now)
        await make_schedules(client, policy, settings.task_queue)
        activities: list[Callable[..., Any]] = [
            DeliveryActivities(delivers.deliver).deliver,
            digest.whom_to_tell,
            digest.tell_lead,
            AnnouncingActivities(announcing.announce).announce,
            CalendarCheckActivities(check.check).check_calendars,
        ]
        await opened.enter_async_context(make_delivery_worker(client, settings.task_queue, activities))
        await opened.enter_async_context(beside(posting.keep_posted(own, now)))
        yield posting


def make_delivery_worker(client: Client, task_queue: str, activities: Sequence[Callable[..., Any]]) -> Worker:
    """Beside `make_worker`, for the same `task_queue`: does what needs channels."""
    return Worker(
        client,
        task_queue=queue_of(task_queue),
        activities=activities,
        max_concurrent_activities=DELIVERIES_AT_ONCE,
        graceful_shutdown_timeout=timedelta(seconds=30),
    )
