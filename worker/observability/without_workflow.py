"""Count the open complaints that no workflow serves."""

import asyncio
import logging

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.service import RPCError

from complaints.metrics import catalogue
from complaints.records.database import RecordError
from worker.replay.not_running import count_not_running

REFRESH_SECONDS = 120.0
"""Each time, Temporal's list of running complaints is read: ten calls for ten thousand."""

log = logging.getLogger(__name__)


async def refresh_without_workflow(meter: MetricMeter, client: Client, engine: AsyncEngine, task_queue: str) -> None:
    """Update the gauge until cancelled. While a server is unavailable the last value stays."""
    gauge = catalogue.WITHOUT_WORKFLOW.gauge(meter)
    while True:
        try:
            gauge.set(await count_not_running(client, engine, task_queue))
        except (RPCError, RecordError) as error:
            log.debug("the complaints without a workflow could not be counted", extra={"why": str(error)})
        await asyncio.sleep(REFRESH_SECONDS)
