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
from worker.retention.anonymise import Retention
from worker.retention.erase import Erasing

AT_ONCE = 2
"""Connections."""
COMMAND_SECONDS = 60.0


@asynccontextmanager
async def keeping(
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
        engine.url.render_as_string(hide_password=False), pool_size=AT_ONCE, command_seconds=COMMAND_SECONDS
    )
    retention = Retention(own, policy, letters)
    erasing = Erasing(client, own, now, letters, local_mail)
    of_retention = RetentionActivities(retention.look, retention.anonymise)
    of_erasure = ErasureActivities(erasing.runs, erasing.letters, erasing.people)
    try:
        yield [
            of_retention.look,
            of_retention.anonymise,
            of_erasure.forget_runs,
            of_erasure.forget_letters,
            of_erasure.forget_people,
        ]
    finally:
        await own.dispose()
