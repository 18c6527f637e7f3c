"""Ask Temporal why a letter or an alert waits: how often it was tried, and what failed last."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime

from google.protobuf.timestamp_pb2 import Timestamp
from pydantic import AwareDatetime, BaseModel
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.delivery import delivery_workflow_id
from complaints.messages.key import MessageKey
from complaints.temporal.failure_message import failure_message

MAX_CONCURRENT = 20
NOT_STARTED = "no delivery runs: a worker with channels starts it within five minutes"
NOT_TAKEN = "no worker with channels has taken it yet"
NOT_FAILED = "the attempt has not ended yet"


class Attempts(BaseModel):
    """What Temporal knows of the attempts to send one message."""

    why: str
    """The last failure, or why there is none; names no person and no address."""
    tries: int = 0
    """The attempts so far, the one under way included."""
    since: AwareDatetime | None = None
    """When the first attempt became due."""
    next_try_at: AwareDatetime | None = None
    """None: an attempt is under way, or none is planned."""


async def describe_attempts(client: Client, keys: Sequence[MessageKey]) -> list[Attempts]:
    """Describe each message's attempts, in the order of the keys. Raises RPCError."""
    limit = asyncio.Semaphore(MAX_CONCURRENT)

    async def describe(key: MessageKey) -> Attempts:
        async with limit:
            return await _describe(client, key)

    return await asyncio.gather(*map(describe, keys))


async def _describe(client: Client, key: MessageKey) -> Attempts:
    workflow_id = delivery_workflow_id(key)
    try:
        described = await client.get_workflow_handle(workflow_id).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return Attempts(why=NOT_STARTED)
        raise
    if described.status is not WorkflowExecutionStatus.RUNNING:
        return Attempts(why=NOT_STARTED)
    pending = list(described.raw_description.pending_activities)
    if not pending:
        return Attempts(why=NOT_TAKEN, since=described.start_time)
    [activity] = pending[:1]
    has_started = activity.HasField("last_started_time")
    failure = ""
    if activity.HasField("last_failure"):
        failure = await failure_message(client, workflow_id, activity.last_failure)
    is_waiting = bool(failure) and not _is_running(activity.last_started_time, activity.last_attempt_complete_time)
    return Attempts(
        why=failure or (NOT_FAILED if has_started else NOT_TAKEN),
        tries=activity.attempt - 1 if is_waiting or not has_started else activity.attempt,
        since=described.start_time,
        next_try_at=_instant(activity.next_attempt_schedule_time) if is_waiting else None,
    )


def _is_running(started: Timestamp, completed: Timestamp) -> bool:
    return started.ToNanoseconds() > completed.ToNanoseconds()


def _instant(timestamp: Timestamp) -> datetime | None:
    return timestamp.ToDatetime(tzinfo=UTC) if timestamp.ToNanoseconds() else None
