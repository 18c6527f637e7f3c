"""Start one delivery workflow for each letter and alert that a transition owes.

Two workers never send one message at the same time: the workflow's id is the message's key, and
`complaints.records.deliveries.claim` locks its row.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.messages.key import DeliveryStatus
from complaints.procedure.views.views import Transition
from complaints.records.database import RecordError
from complaints.records.deliveries import list_deliveries
from complaints.records.transitions import list_messages_to_repeat, list_owed_messages
from starter.client.start_delivery import start_delivery

OVERDUE_AFTER = timedelta(minutes=1)
SWEEP_INTERVAL = timedelta(minutes=5)


class OutboxDispatcher:
    """The dispatcher of the transactional outbox."""

    def __init__(self, client: Client, task_queue: str, *, with_webhook: bool) -> None:
        self._client = client
        self._task_queue = task_queue
        self._with_webhook = with_webhook

    async def dispatch(self, transition: Transition) -> None:
        """Start a delivery for each message of a transition, once. Raises RPCError.

        A held letter starts again where the complainant has given another address.
        """
        for key, summary in list_owed_messages(transition, with_webhook=self._with_webhook).items():
            await start_delivery(self._client, self._task_queue, key, summary)
        for key, summary in list_messages_to_repeat(transition).items():
            await start_delivery(self._client, self._task_queue, key, summary, again=True)

    async def sweep(self, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
        """Start overdue deliveries until cancelled, such as those owed before channels were set up."""
        while True:
            with suppress(RecordError, RPCError):
                async for delivery in list_deliveries(
                    engine, status=DeliveryStatus.WAITING, owed_before=now() - OVERDUE_AFTER
                ):
                    await start_delivery(self._client, self._task_queue, delivery.key, delivery.summary)
            await asyncio.sleep(SWEEP_INTERVAL.total_seconds())
