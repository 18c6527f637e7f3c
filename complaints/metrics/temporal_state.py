"""Metrics of what Temporal says: who polls, what is stuck, and when Schedules ran."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime, timedelta

from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeTaskQueueRequest, DescribeWorkerDeploymentRequest
from temporalio.client import Client
from temporalio.common import MetricMeter
from temporalio.service import RPCError, RPCStatusCode

from complaints.metrics import catalogue
from complaints.runtime.clock import now

REFRESH_SECONDS = 60.0
POLLED_WITHIN = timedelta(seconds=90)
"""An idle worker polls at least each minute. Temporal lists it for five minutes after its last poll."""
CALL_TIMEOUT = timedelta(seconds=5)
_KINDS = (TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW, TaskQueueType.TASK_QUEUE_TYPE_ACTIVITY)

Refresh = Callable[[], Awaitable[None]]


async def refresh_periodically(refreshes: Sequence[Refresh]) -> None:
    """Call each of them every minute, until cancelled.

    While Temporal does not answer, the last values stay.
    """
    while True:
        for refresh in refreshes:
            try:
                await refresh()
            except RPCError:
                continue
        await asyncio.sleep(REFRESH_SECONDS)


class PollerMetrics:
    """How many workers poll each of `queues`. Raises RPCError."""

    def __init__(self, meter: MetricMeter, client: Client, queues: Sequence[str]) -> None:
        self._pollers = catalogue.TASK_QUEUE_POLLERS.gauge(meter)
        self._client = client
        self._queues = queues

    async def refresh(self) -> None:
        for queue in self._queues:
            self._pollers.set(len(await self._polling(queue)), {"queue": queue})

    async def _polling(self, queue: str) -> set[str]:
        """Return the identities of the workers."""
        since = now() - POLLED_WITHIN
        identities = set[str]()
        for kind in _KINDS:
            described = await self._client.workflow_service.describe_task_queue(
                DescribeTaskQueueRequest(
                    namespace=self._client.namespace, task_queue=TaskQueue(name=queue), task_queue_type=kind
                ),
                timeout=CALL_TIMEOUT,
            )
            identities |= {
                poller.identity
                for poller in described.pollers
                if poller.last_access_time.ToDatetime(tzinfo=UTC) > since
            }
        return identities


class StuckMetrics:
    """How many workflows of the task queues cannot go on. Raises RPCError."""

    def __init__(self, meter: MetricMeter, client: Client, task_queues: Sequence[str]) -> None:
        self._stuck = catalogue.STUCK.gauge(meter)
        self._client = client
        queues = " OR ".join(f'TaskQueue = "{queue}"' for queue in task_queues)
        # A closed workflow keeps its problems.
        self._query = f'({queues}) AND TemporalReportedProblems IS NOT NULL AND ExecutionStatus = "Running"'

    async def refresh(self) -> None:
        self._stuck.set((await self._client.count_workflows(self._query, rpc_timeout=CALL_TIMEOUT)).count)


class ScheduleMetrics:
    """When each Schedule last ran; one that does not exist has no series. Raises RPCError."""

    def __init__(self, meter: MetricMeter, client: Client, schedules: Sequence[str]) -> None:
        self._last_run = catalogue.SCHEDULE_LAST_RUN.gauge(meter)
        self._client = client
        self._schedules = schedules

    async def refresh(self) -> None:
        for schedule in self._schedules:
            if at := await self._ran_at(schedule):
                self._last_run.set(at.timestamp(), {"schedule": schedule})

    async def _ran_at(self, schedule: str) -> datetime | None:
        try:
            described = await self._client.get_schedule_handle(schedule).describe(rpc_timeout=CALL_TIMEOUT)
        except RPCError as error:
            if error.status is RPCStatusCode.NOT_FOUND:
                return None
            raise
        runs = described.info.recent_actions
        return runs[-1].started_at if runs else described.info.created_at


class DeploymentMetrics:
    """Whether the worker deployment has a current version. Raises RPCError."""

    def __init__(self, meter: MetricMeter, client: Client, deployment: str) -> None:
        self._current = catalogue.DEPLOYMENT_CURRENT.gauge(meter)
        self._client = client
        self._deployment = deployment

    async def refresh(self) -> None:
        described = await self._client.workflow_service.describe_worker_deployment(
            DescribeWorkerDeploymentRequest(namespace=self._client.namespace, deployment_name=self._deployment),
            timeout=CALL_TIMEOUT,
        )
        current = described.worker_deployment_info.routing_config.current_deployment_version
        self._current.set(1 if current.build_id else 0, {"deployment": self._deployment})
