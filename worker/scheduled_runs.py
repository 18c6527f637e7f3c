"""Check that a Schedule started a workflow run.

Anybody who reaches Temporal can start the workflow of a Schedule. Temporal knows which runs the Schedule started.
"""

import asyncio
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, ScheduleActionExecutionStartWorkflow
from temporalio.service import RPCError, RPCStatusCode

from activities.asked_for import NotAskedForError
from complaints.records.administration.runs import Run, claim_run, claim_scheduled_run, find_run, scheduled_run_id
from complaints.records.tables import RunKind

POLLS, POLL_SECONDS = 10, 0.5
"""A Schedule notes a run shortly after it has started it."""


class ScheduledRuns:
    """Claim a Schedule's run of a day: the first workflow run that the Schedule starts gets it."""

    def __init__(self, client: Client, engine: AsyncEngine) -> None:
        self._client = client
        self._engine = engine

    async def claim(self, kind: RunKind, schedule: str, on: date, workflow_run: str, at: datetime) -> Run:
        """Claim the run. Raises NotAskedForError, RecordUnreachableError, RPCError."""
        run_id = scheduled_run_id(kind, on)
        if await find_run(self._engine, run_id):
            run = await claim_run(self._engine, run_id, workflow_run)
        else:
            await self.require(schedule, workflow_run)
            run = await claim_scheduled_run(self._engine, kind, on, workflow_run, at)
        if run is None:
            raise NotAskedForError(f"the {kind} of {on} has had its run")
        return run

    async def check(self, kind: RunKind, on: date, workflow_run: str) -> None:
        """Require that this workflow run has claimed the run.

        Raises NotAskedForError, RecordUnreachableError.
        """
        run = await find_run(self._engine, scheduled_run_id(kind, on))
        if run is None or run.workflow_run != workflow_run or run.finished_at:
            raise NotAskedForError(f"this workflow does not have the {kind} of {on}")

    async def require(self, schedule: str, workflow_run: str) -> None:
        """Require that the Schedule started the workflow run. Raises NotAskedForError, RPCError."""
        for _ in range(POLLS):
            if workflow_run in await self._started_by(schedule):
                return
            await asyncio.sleep(POLL_SECONDS)
        raise NotAskedForError(f"the Schedule {schedule} did not start this workflow")

    async def _started_by(self, schedule: str) -> set[str]:
        """Return the runs that the Schedule started last. Raises RPCError."""
        try:
            info = (await self._client.get_schedule_handle(schedule).describe()).info
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return set()
            raise
        actions = [*info.running_actions, *(recent.action for recent in info.recent_actions)]
        return {
            action.first_execution_run_id
            for action in actions
            if isinstance(action, ScheduleActionExecutionStartWorkflow)
        }
