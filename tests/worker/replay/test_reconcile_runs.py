"""Reconcile finds every complaint and every run of it, whatever Temporal lists."""

import asyncio
from dataclasses import replace
from typing import NoReturn

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, Interceptor, WorkflowHistory
from temporalio.worker import (
    ContinueAsNewInput,
    WorkflowInboundInterceptor,
    WorkflowInterceptorClassInput,
    WorkflowOutboundInterceptor,
)
from temporalio.worker import Interceptor as WorkerInterceptor

from complaints.encryption.data_keys import KeyRing
from complaints.procedure import acts
from complaints.temporal.client import connect
from tests.worker.replay.comparison import (
    CONTINUED_WITHIN_SECONDS,
    continued_complaint,
    fetch_runs,
    filtered_list,
    list_then_reconcile,
    long_complaint,
    lose,
    reconcile_record,
    rows,
)
from tests.workflows.complaint_driver import ComplaintOpener
from worker.composition import make_worker
from worker.replay import fetch_histories
from workflows.input import ComplaintInput


async def test_a_complaint_that_continued_as_new_is_recorded_from_all_its_runs(
    opener: ComplaintOpener, restored: AsyncEngine
) -> None:
    complaint = await continued_complaint(opener)
    await complaint.wait_until_recorded()
    _, report = await list_then_reconcile(complaint, restored)
    assert report.of(complaint)
    assert await rows(restored, complaint) == await rows(opener.engine, complaint)


async def test_a_complaint_that_temporal_does_not_list_yet_is_found_by_the_record(
    opener: ComplaintOpener, restored: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = await long_complaint(opener)
    await list_then_reconcile(complaint, restored)
    await lose(restored, complaint, 2, 3)
    monkeypatch.setattr(opener.client, "list_workflows", filtered_list(opener.client, lambda _: False))
    _, report = await reconcile_record(opener.client, restored)
    assert report.of(complaint) == ["events 2 to 3 missing, recorded again"]
    assert await rows(restored, complaint) == await rows(opener.engine, complaint)


async def test_a_complaint_that_continued_as_new_is_found_by_an_earlier_run(
    opener: ComplaintOpener, restored: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = await continued_complaint(opener)
    last = (await complaint.wait_until_recorded()).sequence
    first = (await fetch_runs(complaint))[-1].run_id
    monkeypatch.setattr(opener.client, "list_workflows", filtered_list(opener.client, lambda run: run.run_id == first))
    _, report = await list_then_reconcile(complaint, restored)
    assert report.of(complaint) == [f"events 1 to {last} missing, recorded again"]
    assert await rows(restored, complaint) == await rows(opener.engine, complaint)


async def test_each_run_leads_to_the_one_before_it_until_the_first(opener: ComplaintOpener) -> None:
    complaint = await continued_complaint(opener)
    await complaint.wait_until_recorded()
    runs = await fetch_runs(complaint)
    started = [run.events[0].workflow_execution_started_event_attributes for run in runs]
    assert len(runs) > 2
    assert [each.continued_execution_run_id for each in started] == [*(run.run_id for run in runs[1:]), ""]
    assert {each.first_execution_run_id for each in started} == {runs[-1].run_id}
    for earlier, later in zip(runs[1:], runs, strict=False):
        ended = earlier.events[-1].workflow_execution_continued_as_new_event_attributes
        assert ended.new_execution_run_id == later.run_id


async def test_a_run_without_a_workflow_task_hides_none_of_the_earlier_runs(
    temporal: str, engine: AsyncEngine, restored: AsyncEngine, keys: KeyRing
) -> None:
    client = await connect({"TEMPORAL_ADDRESS": temporal}, keys, interceptors=[LostContinuation()])
    opener = ComplaintOpener(client, engine, "loses-continuations")
    async with make_worker(client, engine, opener.task_queue):
        complaint = await opener.open()
        first = (await complaint.handle.describe()).run_id
        for number in range(60):  # as many as the server allows a run; more would keep it from continuing as new
            await complaint.signal(acts.Reassign, by="lead", to=f"m.{number % 2}", reason="On leave.")
        async with asyncio.timeout(CONTINUED_WITHIN_SECONDS):
            while True:
                if (await complaint.handle.describe()).run_id != first:
                    break
                await asyncio.sleep(0.1)
    _, report = await list_then_reconcile(complaint, restored, task_queue=opener.task_queue)
    [line] = report.of(complaint)
    assert line.startswith("events 1 to ")
    assert line.endswith(" missing, recorded again")
    assert await rows(restored, complaint) == await rows(engine, complaint)


async def test_events_of_a_run_past_its_retention_are_reported_as_missing(
    opener: ComplaintOpener, restored: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = await continued_complaint(opener)
    last = (await complaint.wait_until_recorded()).sequence
    *_, second, first = await fetch_runs(complaint)
    fetch = fetch_histories.fetch_history

    async def without_the_first(client: Client, reference: str, run_id: str | None = None) -> WorkflowHistory | None:
        return None if run_id == first.run_id else await fetch(client, reference, run_id)

    monkeypatch.setattr(fetch_histories, "fetch_history", without_the_first)
    result, report = await list_then_reconcile(complaint, restored)
    [given] = await complaint.client.data_converter.decode(
        second.events[0].workflow_execution_started_event_attributes.input.payloads, [ComplaintInput]
    )
    gone = given.resumed.sequence
    assert 0 < gone < last
    assert report.of(complaint) == [
        f"events {gone + 1} to {last} missing, recorded again",
        f"events 1 to {gone} missing, from a run that Temporal no longer has",
    ]
    assert complaint.reference in result.incomplete & result.different


async def test_a_complaint_that_the_record_lacks_is_found_by_temporals_list(
    opener: ComplaintOpener, restored: AsyncEngine
) -> None:
    known = await long_complaint(opener)
    await list_then_reconcile(known, restored)
    lacking = await long_complaint(opener)
    last = (await lacking.query_history()).sequence
    result, report = await list_then_reconcile(lacking, restored)
    assert report.of(lacking) == [f"events 1 to {last} missing, recorded again"]
    assert report.of(known) == []
    assert {known.reference, lacking.reference} <= result.compared
    assert await rows(restored, lacking) == await rows(opener.engine, lacking)


async def test_a_complaint_of_another_task_queue_is_left_alone(opener: ComplaintOpener, restored: AsyncEngine) -> None:
    async with make_worker(opener.client, opener.engine, "of-another-service"):
        other = await ComplaintOpener(opener.client, opener.engine, "of-another-service").open()
        await other.wait_until_recorded()
    result, report = await list_then_reconcile(other, restored)
    assert (report.of(other), other.reference in result.compared) == ([], False)
    await list_then_reconcile(other, restored, task_queue="of-another-service")
    result, report = await list_then_reconcile(other, restored)
    assert report.of(other) == ["open on the record, but its workflow runs on the task queue of-another-service"]


class LostContinuation(Interceptor, WorkerInterceptor):
    """Send a complaint's next run to a task queue that no worker polls."""

    def workflow_interceptor_class(self, input: WorkflowInterceptorClassInput) -> type[WorkflowInboundInterceptor]:  # noqa: A002, ARG002
        return LostContinuationInbound


class LostContinuationInbound(WorkflowInboundInterceptor):
    def init(self, outbound: WorkflowOutboundInterceptor) -> None:
        super().init(LostContinuationOutbound(outbound))


class LostContinuationOutbound(WorkflowOutboundInterceptor):
    def continue_as_new(self, input: ContinueAsNewInput) -> NoReturn:  # noqa: A002
        super().continue_as_new(replace(input, task_queue="nobody"))
