"""A recalculation that the record does not ask for changes nothing, and says so."""

from datetime import date

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import WorkflowFailureError
from temporalio.exceptions import ActivityError, ApplicationError

from activities.asked_for import NOT_ASKED_FOR
from activities.task_queues import operations_queue
from complaints.policies.loader import load_policy
from complaints.records.calendar_amendments import add_amendment
from tests.workflows.complaint_driver import MONDAY, ComplaintOpener
from workflows import names
from workflows.recalendar import LaterRun, RecalendarLaterWorkflow, RecalendarRun, RecalendarWorkflow


async def test_a_run_that_nobody_asked_for_changes_nothing(opener: ComplaintOpener, engine: AsyncEngine) -> None:
    complaint = await opener.open(policy=load_policy().model_copy(update={"region": "scotland"}))
    await complaint.wait_until_recorded()
    on = date(2031, 5, 14)
    await add_amendment(engine, region="scotland", on=on, name="Fog", by="op", at=MONDAY, reason="Announced.")
    queue = operations_queue(opener.task_queue)
    for run in (RecalendarRun(run="made up"), RecalendarRun(run="made up", by="op")):
        handle = await opener.client.start_workflow(
            RecalendarWorkflow.run, run, id=names.RECALENDAR_ID, task_queue=queue
        )
        with pytest.raises(WorkflowFailureError) as refused:
            await handle.result()
        failed_activity = refused.value.cause
        assert isinstance(failed_activity, ActivityError)
        assert isinstance(failed_activity.cause, ApplicationError)
        assert failed_activity.cause.type == NOT_ASKED_FOR
    later = LaterRun(run="another")
    started = await opener.client.start_workflow(
        RecalendarLaterWorkflow.run, later, id="a stranger's", task_queue=queue
    )
    with pytest.raises(WorkflowFailureError):
        await started.result()
    assert (await complaint.count_events())["recalendar"] == 0
    await add_amendment(engine, region="scotland", on=on, name=None, by="op", at=MONDAY, reason="A mistake.")
