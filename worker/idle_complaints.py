"""Release idle complaints, so that any worker may take their next task.

For the sticky timeout, Temporal keeps a complaint's next task for the worker that has it in memory. If that worker was
killed, the task waits as long. If many tasks come at the same instant, most of them exceed it, and come again.
A released complaint's task does neither. A worker that still has the complaint in memory does not replay it.
"""

import asyncio
from collections import OrderedDict
from contextlib import suppress

from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import ResetStickyTaskQueueRequest
from temporalio.client import Client
from temporalio.service import RPCError

IDLE_AFTER_SECONDS = 3.0
"""An act comes with several tasks, which the same worker takes soonest."""
INTERVAL_SECONDS = 0.5


class IdleComplaints:
    """The complaints on which this worker has worked, until they are idle."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._worked_on_at = OrderedDict[str, float]()
        """By the event loop's clock, the oldest first."""

    def note_work(self, reference: str) -> None:
        self._worked_on_at[reference] = asyncio.get_running_loop().time()
        self._worked_on_at.move_to_end(reference)

    async def release_periodically(self) -> None:
        """Release idle complaints until cancelled."""
        while True:
            await asyncio.sleep(INTERVAL_SECONDS)
            await self.release()

    async def release(self) -> None:
        """Release idle complaints, one after another, as this is less urgent than any act."""
        while (reference := self._longest_idle()) is not None:
            del self._worked_on_at[reference]
            execution = WorkflowExecution(workflow_id=reference)
            request = ResetStickyTaskQueueRequest(namespace=self._client.namespace, execution=execution)
            with suppress(RPCError):  # closed, or Temporal is unavailable: the sticky timeout applies
                await self._client.workflow_service.reset_sticky_task_queue(request)

    def _longest_idle(self) -> str | None:
        since = asyncio.get_running_loop().time() - IDLE_AFTER_SECONDS
        reference, at = next(iter(self._worked_on_at.items()), (None, 0.0))
        return reference if at <= since else None
