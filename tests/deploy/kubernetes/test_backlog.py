"""What KEDA asks Temporal: the tasks of a queue that wait for a worker."""

import asyncio
from datetime import timedelta

from temporalio.api.enums.v1 import TaskQueueKind, TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest
from temporalio.client import Client

from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.temporal.client import connect
from local.ephemeral_stack import EphemeralStack
from tests.fixtures.gateway import needs_envoy, needs_openssl, running_gateway

QUEUE = "asked-by-keda"
WAITING = 3
ATTEMPTS = 300


@needs_openssl
@needs_envoy
async def test_keda_sees_through_the_gateway_how_many_tasks_wait(stack: EphemeralStack, client: Client) -> None:
    # The one with a delay is a running workflow without a task, as a complaint between two deadlines is.
    started = [
        await client.start_workflow("nothing", id=f"{QUEUE}-{number}", task_queue=QUEUE, start_delay=delay)
        for number, delay in enumerate([*[None] * WAITING, timedelta(days=1)])
    ]
    try:
        with running_gateway(stack.temporal_address) as gateway:
            asking = await connect(gateway.environment("page"), InMemoryKeys())
            for _ in range(ATTEMPTS):
                if await backlog(asking) == WAITING:
                    break
                await asyncio.sleep(0.1)
            assert await backlog(asking) == WAITING
            assert gateway.refused() == []
    finally:
        for handle in started:
            await handle.terminate()


async def backlog(client: Client) -> int:
    """Ask as KEDA's scaler `temporal` does without versions: for each type of queue."""
    count = 0
    for kind in (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY):
        described = await client.workflow_service.describe_task_queue(
            DescribeTaskQueueRequest(
                namespace=client.namespace,
                task_queue=TaskQueue(name=QUEUE, kind=TaskQueueKind.TASK_QUEUE_KIND_NORMAL),
                task_queue_type=kind,
                report_stats=True,
            )
        )
        count += described.stats.approximate_backlog_count
    return count
