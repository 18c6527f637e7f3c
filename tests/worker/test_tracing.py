"""Traces from intake and from each act, through the workflow to the record."""

import asyncio
import json
import os
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import httpx2
from opentelemetry.proto.trace.v1.trace_pb2 import Span
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowHistory

from local.supervisor.ports import LOOPBACK, free_port
from tests.starter.api.service import add_system
from tests.starter.api.test_process import start, wait_until_ready
from tests.starter.forms import form
from tests.worker.otlp_collector import Collector, collecting
from tests.worker.process import PATIENCE, working
from tests.workflows.complaint_driver import ComplaintDriver
from worker.replay.plain_history import plain_history
from worker.replay.replayer import make_replayer
from workflows.complaint import ComplaintWorkflow

QUEUE = "traced"
PERSONAL = (b"Ada", b"ada@", b"Nobody rang", b"h.lee", b"m.okafor", b"We wait")
REPLAYER_WITH_TRACES = """
import asyncio, os, sys
from temporalio.client import WorkflowHistory
from complaints.temporal.client import tracing_plugins
from worker.replay.replayer import make_replayer
from workflows.complaint import ComplaintWorkflow
plugins = tracing_plugins(os.environ)
assert plugins
replayer = make_replayer(ComplaintWorkflow, plugins=plugins)
for file in sys.argv[2:]:
    history = WorkflowHistory.from_json(sys.argv[1], open(file).read())
    asyncio.run(replayer.replay_workflow(history))
os._exit(0)
"""


async def ran(environment: dict[str, str], *arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a command in a process of its own."""
    return await asyncio.to_thread(
        subprocess.run,
        [sys.executable, *arguments],
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
        timeout=PATIENCE,
    )


@asynccontextmanager
async def serving(environment: dict[str, str], engine: AsyncEngine, folder: Path) -> AsyncIterator[httpx2.AsyncClient]:
    """Run the HTTP service in a process of its own; yield a system that calls it."""
    key, address, log = await add_system(engine, folder.name), f"{LOOPBACK}:{free_port()}", folder / "service.log"
    process = await start(log, **environment, COMPLAINTS_INTAKE=address)
    headers = {"Authorization": f"Bearer {key}"}
    try:
        async with httpx2.AsyncClient(base_url=f"http://{address}", headers=headers, timeout=PATIENCE) as system:
            await wait_until_ready(system)
            yield system
    finally:
        process.terminate()
        await process.wait()


async def test_from_intake_and_from_an_act_to_the_record_it_is_one_trace_each(
    environment: dict[str, str], client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    given = form()
    acts = f"/complaints/{given.reference}/acts"
    async with collecting() as collector:
        traced = environment | {
            "COMPLAINTS_TASK_QUEUE": QUEUE,
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint,
            "OTEL_BSP_SCHEDULE_DELAY": "200",  # milliseconds between the sendings
        }
        async with working(traced, tmp_path) as worker, serving(traced, engine, tmp_path) as system:
            assert (await system.post("/complaints", json=given.model_dump(mode="json"))).status_code == 201
            began = await collector.span("StartWorkflow:Complaint")
            recorded = await collector.span("RunActivity:record", of=began.trace_id)
            above = await ancestors(collector, recorded)
            assert above == ["StartActivity:record", began.name, "fastapi.endpoint", "POST /complaints"]

            noted = await system.post(f"{acts}/add_information", json={"id": "a-1", "note": "We wait."})
            assert noted.status_code == 200, noted.text
            sent = await collector.span("StartWorkflowUpdate:add_information")
            assert sent.trace_id != began.trace_id
            recorded = await collector.span("RunActivity:record", of=sent.trace_id)
            assert (await ancestors(collector, recorded))[:3] == [
                "StartActivity:record",
                "HandleUpdate:add_information",
                sent.name,
            ]
            refused = await system.post(f"{acts}/escalate", json={"id": "a-2", "reason": "We wait."})
            assert refused.status_code == 409, refused.text
            await client.get_workflow_handle(given.reference).signal("Ada")
            await collector.span("HandleSignal:unknown")
            await worker.stop()
        assert [span for span in collector.spans() if span.events or span.status.message] == []
        sent_in_all = b"".join(collector.bodies)
        assert given.reference.encode() in sent_in_all
        assert [word for word in PERSONAL if word in sent_in_all] == []

        complaint = ComplaintDriver(given.reference, client, engine)
        with_headers = await plain_history(client, await complaint.handle.fetch_history())
        assert "_tracer-data" in with_headers.to_json()
        await make_replayer(ComplaintWorkflow).replay_workflow(with_headers)
        with_them, without_them = tmp_path / "with.json", tmp_path / "without.json"
        with_them.write_text(with_headers.to_json())
        without_them.write_text(without_headers(with_headers).to_json())
        replayed = await ran(traced, "-c", REPLAYER_WITH_TRACES, given.reference, str(with_them), str(without_them))
        assert replayed.returncode == 0, replayed.stderr


async def ancestors(collector: Collector, span: Span) -> list[str]:
    """Return the names of the received spans above it, the nearest first."""
    names = []
    by_id = {each.span_id: each for each in collector.spans()}
    while parent := by_id.get(span.parent_span_id):
        names.append(parent.name)
        span = parent
    return names


def without_headers(history: WorkflowHistory) -> WorkflowHistory:
    """Run the same complaint without traces."""

    def strip(part: object) -> object:
        if isinstance(part, dict):
            return {name: strip(value) for name, value in part.items() if name != "header"}
        return [strip(each) for each in part] if isinstance(part, list) else part

    return WorkflowHistory.from_json("bare", json.dumps(strip(json.loads(history.to_json()))))


async def test_a_collector_that_is_away_neither_fails_nor_delays_an_answer(
    environment: dict[str, str], engine: AsyncEngine, tmp_path: Path
) -> None:
    traced = environment | {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://127.0.0.1:1", "COMPLAINTS_TASK_QUEUE": "nobody"}
    async with serving(traced, engine, tmp_path) as system:
        assert (await system.post("/complaints", json=form().model_dump(mode="json"))).status_code == 201
