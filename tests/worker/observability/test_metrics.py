"""The worker's metrics: acts, refusals and lapses, each counted once, and totals."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from math import isnan

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.data_keys import KeyRing
from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.metrics.catalogue import METRICS
from complaints.metrics.endpoint import make_runtime
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.enums import Status
from complaints.records.database import make_engine
from complaints.records.personal.encryption import keys_of
from complaints.records.totals import ComplaintTotals, TotalsGroup
from complaints.runtime.background import background_task
from complaints.settings import Address, WorkerSettings
from complaints.temporal.client import connect
from local.ephemeral_stack import EphemeralStack
from local.supervisor.ports import LOOPBACK, free_port
from tests.fixtures.metrics_endpoint import MetricsEndpoint
from tests.fixtures.servers import WITHOUT_CACHE
from tests.fixtures.staff import import_staff
from tests.fixtures.tcp_proxy import TcpProxy
from tests.worker.replay.loss import fork, revive
from tests.workflows.complaint_driver import MONDAY, ComplaintOpener
from worker.composition import make_backlog, make_worker
from worker.connections import MAX_CONCURRENT_RECORDINGS
from worker.observability.metrics import PROMPT_EVENTS, RecordGauges, RecordingMetrics, refresh_keys_read
from worker.observability.start import measure


@asynccontextmanager
async def watched(
    stack: EphemeralStack, engine: AsyncEngine, keys: KeyRing, task_queue: str, limits: WorkerSettings | None = None
) -> AsyncIterator[MetricsEndpoint]:
    """A worker with metrics, assembled as in `worker.run`."""
    address = Address(LOOPBACK, free_port())
    runtime = make_runtime(address)
    client = await connect({"TEMPORAL_ADDRESS": stack.temporal_address}, keys, runtime=runtime)
    meter = runtime.metric_meter
    backlog = make_backlog(engine, observe=RecordingMetrics(meter).observe)
    settings = WorkerSettings.model_validate(
        {"metrics": str(address), "task_queue": task_queue, "deployment": "c", "build_id": "7"}
    )
    async with (
        measure(meter, settings, load_policy(), client, engine, backlog, keys),
        make_worker(client, engine, task_queue, backlog=backlog, settings=limits),
    ):
        yield MetricsEndpoint(address)


async def test_each_act_refusal_and_lapse_is_counted_once_also_by_a_worker_without_cache(
    stack: EphemeralStack, engine: AsyncEngine, keys: KeyRing
) -> None:
    client = await connect({"TEMPORAL_ADDRESS": stack.temporal_address}, keys)
    async with watched(stack, engine, keys, "counted", WITHOUT_CACHE) as figures:
        complaint = await ComplaintOpener(client, engine, "counted").open()
        ada = "Ada Example rang"
        await complaint.handle.signal(ada)
        await complaint.do(acts.Acknowledge)
        await complaint.do(acts.Acknowledge)  # answered, not recorded
        await complaint.do(acts.Extend, by="h.lee", to="2031-03-31", explanation="We wait.")  # answered and recorded
        await complaint.signal(acts.Settle, by="h.lee", explanation="We rang.")  # recorded, as a signal
        await complaint.advance_to(MONDAY + timedelta(days=40))
        history = await complaint.wait_until_recorded()
        assert await figures.above_zero("complaints_acts_total", "act") == {("acknowledge",): 1}
        assert await figures.above_zero("complaints_refusals_total", "act", "code") == {
            ("unknown", "unknown_act"): 1,
            ("acknowledge", "already_done"): 1,
            ("extend", "was_case_handler"): 1,
            ("settle", "not_now"): 1,
        }
        lapses = await figures.of("complaints_lapses_total", "tier", "of")
        assert lapses[("manager", "reply")] == 1
        assert sum(lapses.values()) == sum(event.kind == "lapsed" for event in history.events)
        [lapses_on_record] = (await figures.of("complaints_lapse_lateness_seconds_count")).values()
        assert lapses_on_record == sum(lapses.values())
        [prompt] = (await figures.of("complaints_record_lag_seconds_count")).values()
        assert prompt == sum(event.kind in PROMPT_EVENTS for event in history.events)
        queued = await figures.of("temporal_workflow_task_schedule_to_start_latency_seconds_bucket", "le")
        assert ("0.2",) in queued
        unknown = (await figures.types()).keys() - {metric.name for metric in METRICS}
        assert [name for name in unknown if not name.startswith("temporal_")] == []
        said = await figures.text()
    assert "temporal_workflow_task_execution_latency_seconds" in said
    assert "Ada" not in said


async def test_a_complaint_whose_recording_keeps_failing_is_counted_until_it_is_recorded(
    stack: EphemeralStack, engine: AsyncEngine, keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.observability.metrics.REFRESH_SECONDS", 0.1)
    client = await connect({"TEMPORAL_ADDRESS": stack.temporal_address}, keys)
    async with TcpProxy.to(stack.database_url) as tcp_proxy:
        behind = make_engine(tcp_proxy.url, keys=keys_of(engine), pool_size=MAX_CONCURRENT_RECORDINGS)
        async with watched(stack, behind, keys, "behind") as figures:
            complaint = await ComplaintOpener(client, engine, "behind").open()
            await complaint.wait_until_recorded()
            assert await figures.of("complaints_unrecorded") == {(): 0}
            tcp_proxy.refuse()
            await complaint.do(acts.Acknowledge)
            await figures.shows("complaints_unrecorded", 1)
            [read_at] = (await figures.of("complaints_read_timestamp_seconds")).values()
            tcp_proxy.restore()
            await figures.shows("complaints_unrecorded", 0)
            await complaint.wait_until_recorded()
            [again] = (await figures.of("complaints_read_timestamp_seconds")).values()
            assert again > read_at
        await behind.dispose()


async def test_forks_and_complaints_without_a_workflow_are_counted_until_they_are_resolved(
    stack: EphemeralStack, restored: AsyncEngine, keys: KeyRing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("worker.observability.metrics.REFRESH_SECONDS", 0.1)
    monkeypatch.setattr("worker.observability.without_workflow.REFRESH_SECONDS", 0.1)
    await import_staff(restored.url.render_as_string(hide_password=False))
    client = await connect({"TEMPORAL_ADDRESS": stack.temporal_address}, keys)
    async with watched(stack, restored, keys, "forked") as figures:
        opener = ComplaintOpener(client, restored, "forked")
        complaint = await fork(opener)
        await figures.shows("complaints_forked", 1)
        await figures.shows("complaints_without_workflow", 0)
        await complaint.handle.terminate("by mistake")
        await figures.shows("complaints_without_workflow", 1)
        await revive(opener)
        await figures.shows("complaints_without_workflow", 0)


async def test_when_a_worker_last_read_its_keys_is_shown() -> None:
    address = Address(LOOPBACK, free_port())
    runtime, keys = make_runtime(address), InMemoryKeys()
    figures, keys.read_at = MetricsEndpoint(address), datetime(2031, 3, 5, tzinfo=UTC)
    async with background_task(refresh_keys_read(runtime.metric_meter, keys)):
        await figures.shows("complaints_keys_read_timestamp_seconds", keys.read_at.timestamp())


async def test_a_group_that_has_gone_shows_zero_and_nothing_due_shows_no_number() -> None:
    address = Address(LOOPBACK, free_port())
    runtime = make_runtime(address)
    figures, gauges = MetricsEndpoint(address), RecordGauges(runtime.metric_meter)
    due = datetime(2031, 3, 5, tzinfo=UTC)
    before = TotalsGroup(tier=None, status=Status.WITH_CASE_HANDLER, open=2, overdue=0)
    after = TotalsGroup(tier="manager", status=Status.AWAITING_REPLY, open=1, overdue=1)
    gauges.set_totals(ComplaintTotals(groups=[before], oldest_due_at=due))
    assert await figures.of("complaints_oldest_due_timestamp_seconds") == {(): due.timestamp()}
    gauges.set_totals(ComplaintTotals(groups=[after], oldest_due_at=None))
    labels = ("tier", "status")
    assert await figures.of("complaints_open", *labels) == {
        ("", "with_case_handler"): 0,
        ("manager", "awaiting_reply"): 1,
    }
    assert await figures.of("complaints_overdue", *labels) == {
        ("", "with_case_handler"): 0,
        ("manager", "awaiting_reply"): 1,
    }
    [oldest] = (await figures.of("complaints_oldest_due_timestamp_seconds")).values()
    assert isnan(oldest)
