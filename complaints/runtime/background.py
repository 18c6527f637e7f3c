"""Runs what watches, while the work goes on."""

import asyncio
import logging
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any

log = logging.getLogger(__name__)


@asynccontextmanager
async def background_task(watching: Coroutine[Any, Any, None]) -> AsyncIterator[None]:
    """While the work goes on; that goes on also when this ends by a fault of ours."""
    task = asyncio.create_task(watching)
    task.add_done_callback(_say_if_it_failed)
    try:
        yield
    finally:
        task.cancel()


def _say_if_it_failed(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("no longer watched", exc_info=error)
