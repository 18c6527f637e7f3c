"""Histories from Temporal, and what a replay of one against the code at hand says."""

import asyncio
import re
from collections import deque
from collections.abc import AsyncIterator

from temporalio.api.enums.v1 import EventType
from temporalio.client import Client, WorkflowHistory
from temporalio.service import RPCError, RPCStatusCode
from temporalio.worker import WorkflowReplayResult

MAX_CONCURRENT = 10
"""How many histories are fetched ahead; no more are in memory."""
TASK_DONE = EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED
FAILURE_SHOWN = 300
"""Characters."""


async def histories_of(client: Client, query: str) -> AsyncIterator[WorkflowHistory]:
    """The histories of all runs that fit a query of Temporal's. Raises RPCError."""
    ahead: deque[asyncio.Task[WorkflowHistory | None]] = deque()
    try:
        async for run in client.list_workflows(query):
            ahead.append(asyncio.create_task(history_of(client, run.id, run.run_id)))
            if len(ahead) == MAX_CONCURRENT and (history := await ahead.popleft()):
                yield history
        while ahead:
            if history := await ahead.popleft():
                yield history
    finally:
        for task in ahead:
            task.cancel()


async def history_of(client: Client, reference: str, run_id: str) -> WorkflowHistory | None:
    """None: its retention has ended, or no workflow task of it is done yet, and a replay would wait for one for ever.

    Raises RPCError.
    """
    try:
        history = await client.get_workflow_handle(reference, run_id=run_id).fetch_history()
        return history if any(event.event_type == TASK_DONE for event in history.events) else None
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise


def why_it_breaks(result: WorkflowReplayResult) -> str | None:
    """In one line; None if it replays without a difference."""
    if result.replay_failure is None:
        return None
    told = " ".join(str(result.replay_failure).split())
    if wrapped := re.search(r'message: "((?:[^"\\]|\\.)+)"', told):  # what the SDK's core hands on is a dump of it
        told = wrapped[1]
    return told[:FAILURE_SHOWN] or type(result.replay_failure).__name__
