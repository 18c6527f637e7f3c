"""Whether the servers that a process needs are available; answers are cached."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.records.database import RecordError
from complaints.records.totals import ping

CHECK_TIMEOUT_SECONDS = 1.0
CACHE_SECONDS = 2.0


class DependencyCheck:
    """Check one server. `check` returns if it answers, else raises RPCError or RecordError."""

    def __init__(self, check: Callable[[], Awaitable[object]]) -> None:
        self._check = check
        self._lock = asyncio.Lock()
        self._expires_at = 0.0
        self._is_available = False

    async def is_available(self) -> bool:
        """Return whether the server answers, at most `CACHE_SECONDS` ago."""
        async with self._lock:
            if self._now() >= self._expires_at:
                self._is_available = await self._check_now()
                self._expires_at = self._now() + CACHE_SECONDS
            return self._is_available

    async def _check_now(self) -> bool:
        try:
            async with asyncio.timeout(CHECK_TIMEOUT_SECONDS):
                await self._check()
        except (RPCError, RecordError, TimeoutError):
            return False
        return True

    def _now(self) -> float:
        return asyncio.get_running_loop().time()


def temporal_check(client: Client) -> DependencyCheck:
    """Check that Temporal answers for the client's namespace."""
    namespace = DescribeNamespaceRequest(namespace=client.namespace)
    return DependencyCheck(partial(client.workflow_service.describe_namespace, namespace))


def postgresql_check(engine: AsyncEngine) -> DependencyCheck:
    """Check that PostgreSQL answers a query."""
    return DependencyCheck(partial(ping, engine))
