"""What a worker does about how long things are kept: its activities for retention and erasure."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.erasure import ErasureActivities
from activities.retention import RetentionActivities
from complaints.channels.post_room import PostRoom
from complaints.procedure.policy import Policy
from complaints.records.database import make_engine
from worker.retention.anonymise import Anonymiser
from worker.retention.erase import Eraser

MAX_CONCURRENT = 2
"""Connections."""
COMMAND_SECONDS = 60.0


@asynccontextmanager
async def retention_activities(
    client: Client,
    engine: AsyncEngine,
    policy: Policy,
    now: Callable[[], datetime],
    *,
    post_room: Path | None = None,
    local_mail: Path | None = None,
) -> AsyncIterator[list[Callable[..., Any]]]:
    """On the same record as `engine`, in connections of its own: many complaints at once take longer than one."""
    letters = PostRoom(post_room) if post_room else None
    own = make_engine(
        engine.url.render_as_string(hide_password=False), pool_size=MAX_CONCURRENT, command_seconds=COMMAND_SECONDS
    )
    retention = Anonymiser(own, policy, letters)
    erasing = Eraser(client, own, now, letters, local_mail)
    of_retention = RetentionActivities(retention.plan, retention.anonymise)
    of_erasure = ErasureActivities(erasing.delete_workflow_runs, erasing.delete_letters, erasing.anonymise_record)
    try:
        yield [
            of_retention.plan_retention,
            of_retention.anonymise,
            of_erasure.delete_workflow_runs,
            of_erasure.delete_letters,
            of_erasure.anonymise_record,
        ]
    finally:
        await own.dispose()
