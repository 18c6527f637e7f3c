"""Wait for Temporal, so that a process can start, and import its modules, at the same time."""

import asyncio
from time import monotonic

from temporalio.client import Client

SERVERS_TIMEOUT_SECONDS = 60.0
"""Seconds that a process waits for each server before it reports that there is none."""
_INTERVAL_SECONDS = 0.05


def wait_for_temporal(address: str, timeout_seconds: float = SERVERS_TIMEOUT_SECONDS) -> None:
    """Return once the server at `address` (host:port) answers, or after `timeout_seconds`.

    The process that needs the server reports that there is none.
    """
    asyncio.run(_wait(address, monotonic() + timeout_seconds))


async def _wait(address: str, until: float) -> None:
    while monotonic() < until:
        try:
            await Client.connect(address)
            return
        except RuntimeError:
            await asyncio.sleep(_INTERVAL_SECONDS)
