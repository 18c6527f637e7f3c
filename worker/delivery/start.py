"""Set up deliveries: their channels, worker, sweep and Schedules."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

from temporalio.client import Client
from temporalio.common import MetricMeter, WorkerDeploymentVersion
from temporalio.worker import Worker

from activities.audit_root import AuditRootActivities
from activities.calendar_check import CalendarCheckActivities
from activities.delivery import DeliveryActivities
from activities.digest import DigestActivities
from activities.retention import RetentionNoticeActivities
from complaints.audit.signing import AuditKeyError, RootSigner
from complaints.encryption.data_keys import KeyRing
from complaints.letters.stationery import load_stationery
from complaints.procedure.policy import Policy
from complaints.runtime.background import background_task
from complaints.runtime.clock import now
from complaints.runtime.service import StartupError, open_engine
from complaints.settings import WorkerSettings
from worker.composition import make_delivery_worker
from worker.delivery.audit_root import AuditRoots
from worker.delivery.calendar_check import CalendarCheck
from worker.delivery.channel_health import ChannelHealth
from worker.delivery.channels import open_channels
from worker.delivery.deliverer import MessageSender
from worker.delivery.digests import DigestSender
from worker.delivery.outbox import sweep_periodically
from worker.delivery.retention_notice import RetentionNotice
from worker.schedules import make_schedules

log = logging.getLogger(__name__)

SIGNING_TIMEOUT_SECONDS = 60.0
"""For a statement that reads the heads of all chains."""


@asynccontextmanager
async def open_deliveries(
    settings: WorkerSettings,
    policy: Policy,
    client: Client,
    database_url: str,
    keys: KeyRing,
    meter: MetricMeter,
    *,
    version: WorkerDeploymentVersion | None = None,
    on_fatal_error: Callable[[BaseException], Awaitable[None]] | None = None,
) -> AsyncIterator[Worker]:
    """Open the channels; return the worker of deliveries, not started yet.

    Raises StartupError.
    """
    stationery = load_stationery(settings.letters)
    for tier_id in stationery.sender.tiers.keys() - {tier.id for tier in policy.tiers}:
        log.warning("a letterhead is for no tier of the policy in force", extra={"tier": tier_id})
    async with AsyncExitStack() as opened:
        engine = await opened.enter_async_context(
            open_engine(database_url, keys=keys, pool="deliveries", pool_size=settings.delivery_connections)
        )
        channels = await opened.enter_async_context(open_channels(settings))
        sender = MessageSender(engine, channels, stationery, ChannelHealth(meter, now), now)
        notice = RetentionNotice(engine, sender, policy, now)
        digests = DigestSender(client, engine, sender, policy, now)
        digest = DigestActivities(digests.recipients, digests.send)
        check = CalendarCheck(client, engine, sender, policy, now)
        await make_schedules(client, policy, settings.task_queue, with_audit=settings.audit_key is not None)
        activities: list[Callable[..., Any]] = [
            DeliveryActivities(sender.deliver).deliver,
            digest.list_digest_recipients,
            digest.send_digest,
            RetentionNoticeActivities(notice.send).announce,
            CalendarCheckActivities(check.check).check_calendars,
        ]
        if settings.audit_key:
            signing = await opened.enter_async_context(
                open_engine(database_url, pool="audit", pool_size=1, command_timeout_seconds=SIGNING_TIMEOUT_SECONDS)
            )
            roots = AuditRoots(
                client,
                signing,
                _signer(settings.audit_key),
                policy,
                now,
                folder=settings.audit_roots,
                webhook=channels.webhook,
            )
            activities.append(AuditRootActivities(roots.sign).sign_audit_root)
        worker = make_delivery_worker(
            client,
            settings.task_queue,
            activities,
            concurrency=settings.delivery_connections,
            version=version,
            on_fatal_error=on_fatal_error,
        )
        await opened.enter_async_context(background_task(sweep_periodically(client, settings.task_queue, engine, now)))
        yield worker


def _signer(key: Path) -> RootSigner:
    """Read the key for roots. Raises StartupError."""
    try:
        return RootSigner.load(key)
    except AuditKeyError as error:
        raise StartupError(f"COMPLAINTS_AUDIT_KEY: {error}") from error
