"""What was erased or anonymised before a restore is so again afterwards."""

import asyncio
from collections.abc import AsyncIterator

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from activities.task_queues import operations_queue
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.enums import ClosingReason
from complaints.procedure.erasure_request import ErasureRequest
from complaints.procedure.views.views import transition_since
from complaints.records import queries
from complaints.records.erasure import create_tombstone, erase, find_tombstone
from complaints.records.personal.encryption import keys_of
from complaints.records.tombstone import TombstoneKind
from complaints.records.transitions import write_transition
from complaints.runtime.clock import now
from local.ephemeral_stack import EphemeralStack
from tests.fixtures.asked_runs import asked_retention
from tests.procedure.builders import opened
from tests.worker.replay.comparison import reconcile_record
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener
from worker.composition import make_operations_worker, make_worker
from worker.retention.start import retention_activities
from workflows.erasure import ErasureInput, ErasureWorkflow, erasure_workflow_id
from workflows.retention import RetentionWorkflow

TASK_QUEUE = "erasing"
LONG_AGO = "2024-03-04 10:00"
LISTED_WITHIN_SECONDS = 60.0


@pytest.fixture
async def opener(stack: EphemeralStack, client: Client, engine: AsyncEngine) -> AsyncIterator[ComplaintOpener]:
    async with (
        retention_activities(client, stack.database_url, keys_of(engine), load_policy(), now) as further,
        make_worker(client, engine, TASK_QUEUE),
        make_operations_worker(client, engine, TASK_QUEUE, further),
    ):
        yield ComplaintOpener(client, engine, TASK_QUEUE)


async def open_today(opener: ComplaintOpener) -> ComplaintDriver:
    at = now()
    complaint = await opener.open(now=at, received_at=at, told_case_handler_on=str(at.date()), advance=False)
    await complaint.wait_until_recorded()
    return complaint


async def listed(client: Client, workflow_id: str) -> None:
    """Wait until Temporal lists the workflow as completed."""
    query = f'WorkflowId = "{workflow_id}" AND ExecutionStatus = "Completed"'
    async with asyncio.timeout(LISTED_WITHIN_SECONDS):
        while True:
            if [run async for run in client.list_workflows(query)]:
                return
            await asyncio.sleep(0.1)


async def test_a_complaint_that_closed_and_was_erased_since_the_backup_is_erased_again(
    opener: ComplaintOpener, restored: AsyncEngine
) -> None:
    client, engine = opener.client, opener.engine
    complaint = await open_today(opener)
    await reconcile_record(client, restored, task_queue=TASK_QUEUE)
    await complaint.do(acts.Withdraw, "intake", reason="Ada said so.")
    reference, closed_at = complaint.reference, (await complaint.wait_until_recorded()).closed_at
    assert closed_at
    asked = {"reference": reference, "asked_at": now(), "by": "lead.manager", "why": "She asked us to."}
    request = ErasureRequest(**asked, closed_at=closed_at, closing_reason=ClosingReason.WITHDRAWN)
    await create_tombstone(engine, reference, request.asked_at, request.by, request.why)
    erasure_id = erasure_workflow_id(reference)
    given = ErasureInput(reference=reference)
    await client.execute_workflow(ErasureWorkflow.run, given, id=erasure_id, task_queue=operations_queue(TASK_QUEUE))
    await listed(client, erasure_id)

    result, report = await reconcile_record(client, restored, task_queue=TASK_QUEUE, dry_run=True)
    assert report.of(complaint)[0] == "was erased, and is on the record"
    assert await find_tombstone(restored, reference) is None
    result, report = await reconcile_record(client, restored, task_queue=TASK_QUEUE)
    assert report.of(complaint) == ["was erased, and is on the record: erased again"]
    assert reference in result.incomplete
    tombstone, before = await find_tombstone(restored, reference), await find_tombstone(engine, reference)
    assert tombstone
    assert before
    assert tombstone == before.model_copy(update={"done_at": tombstone.done_at})
    state, history = await queries.read_state(restored, reference), await queries.read_history(restored, reference)
    assert state
    assert history
    assert (state.form.complainant.name, state.is_closed, state.closing) == (
        "Anonymised",
        True,
        state.closings[-1],
    )
    assert (history.closed_at, history.closing_reason, history.next_due_at) == (closed_at, "withdrawn", None)
    assert [each async for each in queries.list_references(restored, open_only=True)].count(reference) == 0
    _, report = await reconcile_record(client, restored, task_queue=TASK_QUEUE)
    assert report.of(complaint) == []


async def test_the_runs_of_an_erased_complaint_are_deleted_after_a_restore_of_temporal(opener: ComplaintOpener) -> None:
    complaint = await open_today(opener)
    engine, client = opener.engine, opener.client
    await create_tombstone(engine, complaint.reference, now(), "lead.manager", "She asked us to.")
    await erase(engine, complaint.reference, now())
    _, report = await reconcile_record(client, engine, task_queue=TASK_QUEUE)
    assert "is erased, and in Temporal: deleted again" in report.of(complaint)
    with pytest.raises(RPCError, match="not found"):
        await complaint.handle.describe()


async def test_what_was_anonymised_is_anonymised_again_and_nothing_else(
    opener: ComplaintOpener, restored: AsyncEngine
) -> None:
    async def record_expired(record: AsyncEngine, reference: str) -> None:
        closed = opened(
            LONG_AGO,
            reference=reference,
            aspects=["outcome"],
            case={"answered_on": "2024-02-20"},
            told_case_handler_on="2024-02-25",
        )
        assert closed.closed == "signposted"
        await write_transition(record, transition_since(closed.complaint, 0))

    for record in (opener.engine, restored):
        await record_expired(record, "KEPT-OVER")
    await record_expired(restored, "HELD-SINCE")
    start = await asked_retention(opener.engine, "lead.manager")
    run_id = "retention/of-this-test"
    await opener.client.execute_workflow(
        RetentionWorkflow.run, start, id=run_id, task_queue=operations_queue(TASK_QUEUE)
    )
    await listed(opener.client, run_id)
    _, report = await reconcile_record(opener.client, restored, task_queue=TASK_QUEUE)
    assert [line for line in report if "was anonymised" in line] == [
        "KEPT-OVER: was anonymised, and is on the record: anonymised again"
    ]
    tombstone = await find_tombstone(restored, "KEPT-OVER")
    assert tombstone
    assert tombstone == await find_tombstone(opener.engine, "KEPT-OVER")
    assert (tombstone.kind, tombstone.by) == (TombstoneKind.ANONYMISED, "lead.manager")
    assert await find_tombstone(restored, "HELD-SINCE") is None
    _, report = await reconcile_record(opener.client, restored, task_queue=TASK_QUEUE)
    assert not [line for line in report if "was anonymised" in line]
