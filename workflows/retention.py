"""Announce once a year which complaints have expired, wait for objections, anonymise them."""

from datetime import timedelta

from pydantic import BaseModel
from temporalio import workflow

from activities.retention import (
    Announcement,
    AnonymisationBatch,
    AnonymisedBatch,
    RetentionActivities,
    RetentionNoticeActivities,
    RetentionPlan,
)
from activities.task_queues import complaint_queue, delivery_queue
from workflows import names, timeouts


class RetentionInput(BaseModel):
    """The input of a run."""

    days_of_notice: int = 0
    """Days in which a lead may hold a complaint, or an operator cancel the run; 0: no notice."""
    by: str | None = None
    """The member of staff who started it; None: the Schedule."""
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
    @workflow.init
    def __init__(self, start: RetentionInput) -> None:
        self._plan = start.plan
        self._anonymised = start.anonymised

    @workflow.run
    async def run(self, start: RetentionInput) -> int:
        """Return how many complaints were anonymised."""
        if self._plan is None:
            self._plan = await self._plan_retention()
            if start.days_of_notice and not self._plan.is_empty:
                await self._give_notice(self._plan, timedelta(days=start.days_of_notice))
        while batch := (await self._anonymise(self._plan, start.by)).references:
            self._anonymised += len(batch)
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(RetentionInput(by=start.by, plan=self._plan, anonymised=self._anonymised))
        return self._anonymised

    @workflow.query(name=names.PROGRESS_QUERY, description="The plan, and how many complaints are anonymised.")
    def progress(self) -> RetentionProgress:
        return RetentionProgress(plan=self._plan, anonymised=self._anonymised)

    async def _plan_retention(self) -> RetentionPlan:
        return await workflow.execute_activity_method(
            RetentionActivities.plan_retention, workflow.now(), **timeouts.ANONYMISE
        )

    async def _give_notice(self, plan: RetentionPlan, notice: timedelta) -> None:
        await workflow.execute_activity_method(
            RetentionNoticeActivities.announce,
            Announcement(plan=plan, anonymised_on=(workflow.now() + notice).date()),
            task_queue=delivery_queue(complaint_queue(workflow.info().task_queue)),
            summary="notice to the leads",
            **timeouts.DELIVER,
        )
        await workflow.sleep(notice, summary="period of notice: a lead may hold a complaint, an operator may cancel")

    async def _anonymise(self, plan: RetentionPlan, by: str | None) -> AnonymisedBatch:
        return await workflow.execute_activity_method(
            RetentionActivities.anonymise,
            AnonymisationBatch(on=plan.on, at=workflow.now(), by=by),
            summary=f"{self._anonymised} anonymised so far",
            **timeouts.ANONYMISE,
        )
