"""Announce once a year which complaints have expired, wait for objections, anonymise them."""

from datetime import timedelta
from typing import Any

from pydantic import BaseModel
from temporalio import workflow

from activities.asked_for import NotAskedForError, read_input
from activities.retention import (
    AnonymisedBatch,
    RetentionActivities,
    RetentionNoticeActivities,
    RetentionPlan,
    RetentionRequest,
    RetentionRun,
)
from activities.task_queues import complaint_queue, delivery_queue
from complaints.temporal.execution import execute_activity
from complaints.temporal.summaries import fit_summary
from workflows import names, timeouts

NOTICE_SUMMARY = fit_summary("period of notice: a lead may hold a complaint, an operator may cancel")


class RetentionInput(BaseModel):
    """The input of a run."""

    run: str | None = None
    """The id of a run that a member of staff asked for; None: the Schedule's, with a notice before."""
    plan: RetentionPlan | None = None
    """The plan of a run that continues as new."""
    anonymised: int = 0


class RetentionProgress(BaseModel):
    """The answer of the query `progress`."""

    plan: RetentionPlan | None
    anonymised: int
    """Complaints anonymised so far."""


@workflow.defn(name=names.RETENTION)
class RetentionWorkflow:
    def __init__(self) -> None:
        self._plan: RetentionPlan | None = None
        self._anonymised = 0

    @workflow.run
    async def run(self, *given: Any) -> int:
        """Return how many complaints were anonymised.

        Fails with `not_asked_for` where nobody asked for it.
        """
        start = read_input(given, RetentionInput)
        if start.plan and workflow.info().continued_run_id is None:
            raise NotAskedForError("only a run that continues as new has a plan")
        self._plan, self._anonymised = start.plan, start.anonymised
        if self._plan is None:
            self._plan = await self._plan_retention(start.run)
            if self._plan.notice_days and not self._plan.is_empty:
                await self._give_notice(self._plan)
        run = _run_of(self._plan)
        while batch := (await self._anonymise(run)).references:
            self._anonymised += len(batch)
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(RetentionInput(plan=self._plan, anonymised=self._anonymised))
        await execute_activity(RetentionActivities.finish_retention, run, **timeouts.ANONYMISE)
        return self._anonymised

    @workflow.query(name=names.PROGRESS_QUERY, description="The plan, and how many complaints are anonymised.")
    def progress(self) -> RetentionProgress:
        return RetentionProgress(plan=self._plan, anonymised=self._anonymised)

    async def _plan_retention(self, run: str | None) -> RetentionPlan:
        return await execute_activity(
            RetentionActivities.plan_retention,
            RetentionRequest(run=run, workflow_run=workflow.info().first_execution_run_id),
            **timeouts.ANONYMISE,
        )

    async def _give_notice(self, plan: RetentionPlan) -> None:
        await execute_activity(
            RetentionNoticeActivities.announce,
            _run_of(plan),
            task_queue=delivery_queue(complaint_queue(workflow.info().task_queue)),
            summary="notice to the leads",
            **timeouts.DELIVER,
        )
        notice = timedelta(days=plan.notice_days)
        await workflow.sleep(notice, summary=NOTICE_SUMMARY)

    async def _anonymise(self, run: RetentionRun) -> AnonymisedBatch:
        return await execute_activity(
            RetentionActivities.anonymise,
            run,
            summary=f"{self._anonymised} anonymised so far",
            **timeouts.ANONYMISE,
        )


def _run_of(plan: RetentionPlan) -> RetentionRun:
    return RetentionRun(run=plan.run, workflow_run=workflow.info().first_execution_run_id)
