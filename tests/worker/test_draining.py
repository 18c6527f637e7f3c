"""The workers of a process drain at the same time, so that both end within one timeout."""

import asyncio
from datetime import timedelta
from uuid import uuid4

from temporalio import activity, workflow
from temporalio.client import Client
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from worker.composition import run_workers

QUEUES = ("drains-complaints", "drains-deliveries")
LONG = timedelta(seconds=50)
"""Longer than a drain takes, and shorter than the limit of a test."""


@workflow.defn
class OneOnEachQueue:
    @workflow.run
    async def run(self) -> list[str]:
        waiting = [
            workflow.execute_activity("wait", task_queue=queue, start_to_close_timeout=LONG, result_type=str)
            for queue in QUEUES
        ]
        return [str(queue) for queue in await asyncio.gather(*waiting)]


async def test_an_activity_of_each_worker_learns_of_the_shutdown_while_both_still_run(client: Client) -> None:
    started, draining, ended = (asyncio.Barrier(len(QUEUES) + 1), asyncio.Barrier(len(QUEUES)), list[str]())

    @activity.defn(name="wait")
    async def wait() -> str:
        await started.wait()
        await activity.wait_for_worker_shutdown()
        await draining.wait()
        ended.append(activity.info().task_queue)
        return ended[-1]

    workers = [
        Worker(
            client,
            task_queue=queue,
            workflows=[OneOnEachQueue],
            activities=[wait],
            workflow_runner=UnsandboxedWorkflowRunner(),
            graceful_shutdown_timeout=LONG,
        )
        for queue in QUEUES
    ]
    async with run_workers(*workers):
        handle = await client.start_workflow(OneOnEachQueue.run, id=f"drains-{uuid4()}", task_queue=QUEUES[0])
        await started.wait()
    assert sorted(ended) == sorted(QUEUES)
    await handle.terminate()
