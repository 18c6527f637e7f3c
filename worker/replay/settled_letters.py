"""Settle letters and alerts on a restored record: what went is marked, and not sent again."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Self

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client

from complaints.formatting.plural import plural
from complaints.messages.key import WEBHOOK, DeliveryResult, DeliveryStatus, MessageKey
from complaints.procedure.views.views import Transition
from complaints.records.deliveries import Delivery, find_delivery, list_deliveries
from complaints.records.restores.settled_deliveries import DeliveryResults, settle_deliveries
from complaints.records.transitions import owed_messages
from starter.client.delivery_result import KnownDelivery, find_known_delivery
from worker.replay.restored_record import RestoredRecord

MAX_CONCURRENT = 10
"""Deliveries looked up at a time."""
MAY_HAVE_GONE = "it may have gone before the record was restored: Temporal no longer knows"


@dataclass(frozen=True)
class OwedAgain:
    """What becomes of the messages that a complaint's missing transitions owe."""

    results: DeliveryResults
    """Of the messages that went, or are held."""
    with_webhook: bool
    """Whether alerts went to the webhook, too."""


class SettledLetters:
    """Look up deliveries in Temporal, whose completed workflows outlive the record's state.

    `now` is the real clock. Each method raises RPCError and RecordUnreachableError.
    """

    def __init__(self, client: Client, task_queue: str, retention: timedelta, now: datetime) -> None:
        self._client = client
        self._task_queue = task_queue
        self._known_since = now - retention
        self._free = asyncio.Semaphore(MAX_CONCURRENT)

    @classmethod
    async def of(cls, client: Client, task_queue: str, now: datetime) -> Self:
        described = await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace)
        )
        return cls(client, task_queue, described.config.workflow_execution_retention_ttl.ToTimedelta(), now)

    async def of_transitions(self, transitions: Iterable[Transition]) -> OwedAgain:
        """Return what became of the messages of transitions that the record lacks.

        Hold a message that is older than Temporal's retention, as nobody knows whether it went.
        """
        owed = [each for transition in transitions for each in owed_messages(transition, with_webhook=True)]
        found = await self._find([key for key, _, _ in owed])
        results: dict[MessageKey, DeliveryResult] = {}
        for key, channel, event in owed:
            known = found.get(key)
            if known and known.result:
                results[key] = known.result
            elif known is None and event.at < self._known_since:
                results[key] = DeliveryResult(
                    status=DeliveryStatus.HELD, at=event.at, channel=channel, why=MAY_HAVE_GONE, notify_complaint=False
                )
        return OwedAgain(results, with_webhook=any(key.to == WEBHOOK for key in found))

    async def settle_unsent(
        self, engine: AsyncEngine, restored: RestoredRecord, *, dry_run: bool
    ) -> AsyncIterator[tuple[str, str]]:
        """Settle what the record has as waiting or held; yield references, each with a line."""
        for status in (DeliveryStatus.WAITING, DeliveryStatus.HELD):
            unsent = [delivery async for delivery in list_deliveries(engine, status=status)]
            found = await self._find([delivery.key for delivery in unsent])
            results = {
                delivery.key: known.result
                for delivery in unsent
                if (known := found.get(delivery.key))
                and known.result
                and known.result.status is not status
                and (delivery.held_at is None or delivery.held_at < known.result.at)
                and await _is_still(engine, delivery)
            }
            if results:
                await restored.mark()
            changed = list(results) if dry_run else await settle_deliveries(engine, results)
            for reference, keys in groupby(sorted(changed, key=str), key=lambda key: key.reference):
                yield reference, describe_settled(len(list(keys)), dry_run=dry_run)

    async def _find(self, keys: Iterable[MessageKey]) -> dict[MessageKey, KnownDelivery]:
        async def find(key: MessageKey) -> tuple[MessageKey, KnownDelivery | None]:
            async with self._free:
                return key, await find_known_delivery(self._client, self._task_queue, key)

        return {key: known for key, known in await asyncio.gather(*map(find, keys)) if known}


async def _is_still(engine: AsyncEngine, delivery: Delivery) -> bool:
    """Check that no worker has marked the delivery since it was listed.

    A worker marks it before the workflow completes.
    """
    return await find_delivery(engine, delivery.key) == delivery


def describe_settled(number: int, *, dry_run: bool) -> str:
    """Return the line about letters and alerts that are marked again."""
    are = plural(number, "letter or alert is", "letters and alerts are")
    return f"{are} done in Temporal and open on the record{'' if dry_run else ', marked again'}"
