"""Once a year: announces what has been kept long enough, waits for objections, and anonymises it."""

from datetime import timedelta

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from pydantic import BaseModel

    from activities.delivery import queue_of
    from activities.retention import (
        Announcement,
        AnonymisationBatch,
        RetentionActivities,
        RetentionNoticeActivities,
        RetentionPlan,
    )
    from workflows import names, timeouts


class RetentionInput(BaseModel):
    """What a run begins with."""

    days_of_notice: int = 0
    """How long leads have to hold a complaint, or an operator to cancel; 0: nobody is told."""
    by: str | None = None
    """Who had it done; None: the Schedule."""
    outlook: RetentionPlan | None = None
    """Of a run that continues as new."""
    anonymised: int = 0


class Progress(BaseModel):
    outlook: RetentionPlan | None
    anonymised: int
    """So far."""


@workflow.defn(name=names.RETENTION)
class RetentionWorkflow:
    @workflow.init
    def __init__(self, given: RetentionInput) -> None:
        self._outlook = given.outlook
        self._anonymised = given.anonymised

    @workflow.run
    async def run(self, given: RetentionInput) -> int:
        """How many complaints were anonymised."""
        if self._outlook is None:
            self._outlook = await self._look()
            if given.days_of_notice and not self._outlook.is_empty:
                await self._give_notice(self._outlook, timedelta(days=given.days_of_notice))
        while done := await self._anonymise(self._outlook, given.by):
            self._anonymised += done
            if workflow.info().is_continue_as_new_suggested():
                workflow.continue_as_new(
                    RetentionInput(by=given.by, outlook=self._outlook, anonymised=self._anonymised)
                )
        return self._anonymised

    @workflow.query(name=names.PROGRESS_QUERY, description="What is to be anonymised, and how many have been.")
    def progress(self) -> Progress:
        return Progress(outlook=self._outlook, anonymised=self._anonymised)

    async def _look(self) -> RetentionPlan:
        return await workflow.execute_activity_method(
            RetentionActivities.plan_retention, workflow.now(), **timeouts.ANONYMISE
        )

    async def _give_notice(self, outlook: RetentionPlan, notice: timedelta) -> None:
        await workflow.execute_activity_method(
            RetentionNoticeActivities.announce,
            Announcement(plan=outlook, anonymised_on=(workflow.now() + notice).date()),
            task_queue=queue_of(workflow.info().task_queue),
            summary="tell the leads",
            **timeouts.DELIVER,
        )
        await workflow.sleep(notice, summary="so that a lead may hold a complaint, or an operator cancel this")

    async def _anonymise(self, outlook: RetentionPlan, by: str | None) -> int:
        return await workflow.execute_activity_method(
            RetentionActivities.anonymise,
            AnonymisationBatch(on=outlook.on, at=workflow.now(), by=by),
            summary=f"{self._anonymised} anonymised so far",
            **timeouts.ANONYMISE,
        )
