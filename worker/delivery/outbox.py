"""Start one delivery workflow for each letter and alert that a transition owes.

Two workers never send one message at the same time: the workflow's id is the message's key, and
`complaints.records.deliveries.claim` locks its row.

Deliveries give way to complaints. A start costs Temporal as much as an act, so a storm of deadlines would take twice
as long if each of its alerts and letters started at once.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.encryption.data_keys import KeysUnreachableError
from complaints.messages.key import DeliveryStatus, MessageKey
from complaints.procedure.views.views import Transition
from complaints.records.database import RecordError
from complaints.records.deliveries import list_deliveries
from complaints.records.transitions import list_messages_to_repeat, list_owed_messages
from complaints.runtime.background import background_task
from starter.client.start_delivery import start_delivery

CALM_SECONDS = 0.3
"""Without a recording for so long, this worker has time for deliveries."""
LONGEST_WAIT_SECONDS = 20.0
"""After this, a delivery starts even if recordings never pause."""
RETRY_SECONDS = 1.0
DRAINING_SECONDS = 10.0
OVERDUE_AFTER = timedelta(minutes=1)
SWEEP_INTERVAL = timedelta(minutes=5)


class _Owed(NamedTuple):
    key: MessageKey
    summary: str
    since: float
    """By the event loop's clock."""


class OutboxDispatcher:
    """The dispatcher of the transactional outbox."""

    def __init__(
        self, client: Client, task_queue: str, *, with_webhook: bool, longest_wait: float = LONGEST_WAIT_SECONDS
    ) -> None:
        self._client = client
        self._task_queue = task_queue
        self._with_webhook = with_webhook
        self._longest_wait = longest_wait
        self._owed: deque[_Owed] = deque()
        self._has_owed = asyncio.Event()
        self._recorded_at = 0.0

    async def dispatch(self, transition: Transition) -> None:
        """Note each message of a transition; `running` starts its delivery.

        Start at once again a held letter for which the complainant has given another address. Raises RPCError.
        """
        self._recorded_at = asyncio.get_running_loop().time()
        for key, summary in list_owed_messages(transition, with_webhook=self._with_webhook).items():
            self._owed.append(_Owed(key, summary, self._recorded_at))
            self._has_owed.set()
        for key, summary in list_messages_to_repeat(transition).items():
            await start_delivery(self._client, self._task_queue, key, summary, again=True)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Start deliveries for the length of a `with` block, and the rest at its end.

        If the worker is killed, a sweep starts those that it had only noted.
        """
        async with background_task(self._start_owed()):
            yield
        with suppress(RPCError, KeysUnreachableError, TimeoutError):
            async with asyncio.timeout(DRAINING_SECONDS):
                while self._owed:
                    await self._start_next()

    async def _start_owed(self) -> None:
        """Start deliveries, one after another, while nothing is recorded."""
        while True:
            await self._has_owed.wait()
            while self._owed:
                await self._wait_for_calm()
                try:
                    await self._start_next()
                except (RPCError, KeysUnreachableError):
                    await asyncio.sleep(RETRY_SECONDS)
            self._has_owed.clear()

    async def _wait_for_calm(self) -> None:
        clock = asyncio.get_running_loop().time
        latest = self._owed[0].since + self._longest_wait
        while True:
            left = min(self._recorded_at + CALM_SECONDS, latest) - clock()
            if left <= 0:
                return
            await asyncio.sleep(left)

    async def _start_next(self) -> None:
        owed = self._owed[0]
        await start_delivery(self._client, self._task_queue, owed.key, owed.summary)
        self._owed.popleft()


async def sweep(client: Client, task_queue: str, engine: AsyncEngine, owed_before: datetime) -> None:
    """Start each delivery that waits.

    Several workers may sweep: Temporal starts no second workflow for a message.
    """
    with suppress(RecordError, RPCError, KeysUnreachableError):
        async for delivery in list_deliveries(engine, status=DeliveryStatus.WAITING, owed_before=owed_before):
            await start_delivery(client, task_queue, delivery.key, delivery.summary)


async def sweep_periodically(client: Client, task_queue: str, engine: AsyncEngine, now: Callable[[], datetime]) -> None:
    """Sweep until cancelled: first all that a killed worker may have left, then what is overdue."""
    owed_before = now()
    while True:
        await sweep(client, task_queue, engine, owed_before)
        await asyncio.sleep(SWEEP_INTERVAL.total_seconds())
        owed_before = now() - OVERDUE_AFTER
