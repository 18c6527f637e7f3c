"""The servers that a process needs: whether each answers, asked seldom however often others ask us."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.records.database import RecordError
from complaints.records.totals import answer

ANSWERS_WITHIN = 1.0
"""Seconds that a server is given."""
KNOWN_FOR = 2.0
"""Seconds in which it is not asked again, however often we are."""


class DependencyCheck:
    """One that is needed; `ask` returns when it answers, and raises RPCError or RecordError."""

    def __init__(self, ask: Callable[[], Awaitable[object]]) -> None:
        self._ask = ask
        self._asking = asyncio.Lock()
        self._known_until = 0.0
        self._answered = False

    async def answers(self) -> bool:
        async with self._asking:
            if self._now() >= self._known_until:
                self._answered = await self._answers_now()
                self._known_until = self._now() + KNOWN_FOR
            return self._answered

    async def _answers_now(self) -> bool:
        try:
            async with asyncio.timeout(ANSWERS_WITHIN):
                await self._ask()
        except (RPCError, RecordError, TimeoutError):
            return False
        return True

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def temporal(client: Client) -> DependencyCheck:
    namespace = DescribeNamespaceRequest(namespace=client.namespace)
    return DependencyCheck(partial(client.workflow_service.describe_namespace, namespace))


def postgresql(engine: AsyncEngine) -> DependencyCheck:
    return DependencyCheck(partial(answer, engine))
