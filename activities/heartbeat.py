"""Send heartbeats, so that another worker takes over soon when this one dies."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

HEARTBEAT_SECONDS = 3.0
"""Several heartbeats fit into the shortest timeout."""


@asynccontextmanager
async def heartbeat() -> AsyncIterator[None]:
    """Send heartbeats for the length of a `with` block."""
    heart = asyncio.create_task(_beat())
    try:
        yield
    finally:
        heart.cancel()


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(HEARTBEAT_SECONDS)
