"""Lets Temporal know that an activity is at work, so that another worker takes over soon when this one has died."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from temporalio import activity

BEAT_EVERY = 3.0
"""Seconds; several of them fit into the heartbeat's timeout."""


@asynccontextmanager
async def heartbeat() -> AsyncIterator[None]:
    """While this lasts."""
    heart = asyncio.create_task(_beat())
    try:
        yield
    finally:
        heart.cancel()


async def _beat() -> None:
    while True:
        activity.heartbeat()
        await asyncio.sleep(BEAT_EVERY)
