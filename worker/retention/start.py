"""Assemble the activities of retention and erasure."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from temporalio.client import Client

from activities.erasure import ErasureActivities
from activities.retention import RetentionActivities
from complaints.channels.post_room import PostRoom
from complaints.encryption.data_keys import KeyRing
from complaints.procedure.policy import Policy
from complaints.runtime.service import open_engine
from worker.retention.anonymise import Anonymiser
from worker.retention.erase import Eraser, confirm_erasure, erase_if_asked

MAX_CONNECTIONS = 2
COMMAND_TIMEOUT_SECONDS = 60.0
"""Longer than a worker's: one command anonymises many complaints."""


@asynccontextmanager
async def retention_activities(
    client: Client,
    database_url: str,
    keys: KeyRing,
    policy: Policy,
    now: Callable[[], datetime],
    *,
    post_room: Path | None = None,
    local_mail: Path | None = None,
) -> AsyncIterator[list[Callable[..., Any]]]:
    """Return the activities, with an engine of their own.

    `post_room` and `local_mail` are folders of letters.
    """
    letters = PostRoom(post_room) if post_room else None
    async with open_engine(
        database_url,
        keys=keys,
        pool="retention",
        pool_size=MAX_CONNECTIONS,
        command_timeout_seconds=COMMAND_TIMEOUT_SECONDS,
    ) as engine:
        anonymiser = Anonymiser(client, engine, policy, letters)
        eraser = Eraser(client, engine, now, letters, local_mail)
        retention = RetentionActivities(anonymiser.plan, anonymiser.anonymise, anonymiser.finish)
        erasure = ErasureActivities(
            partial(confirm_erasure, engine),
            partial(erase_if_asked, engine, eraser.destroy_keys),
            partial(erase_if_asked, engine, eraser.delete_workflow_runs),
            partial(erase_if_asked, engine, eraser.delete_letters),
            partial(erase_if_asked, engine, eraser.anonymise_record),
        )
        yield [
            retention.plan_retention,
            retention.anonymise,
            retention.finish_retention,
            erasure.confirm_erasure,
            erasure.destroy_keys,
            erasure.delete_workflow_runs,
            erasure.delete_letters,
            erasure.anonymise_record,
        ]
