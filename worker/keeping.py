"""What a worker does about how long things are kept: its activities for retention and erasure."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.erasure import ErasureActivities
from activities.retention import RetentionActivities
from complaints.channels.post_room import PostRoom
from complaints.procedure.policy import Policy
from worker.erasing import Erasing
from worker.retention import Retention


def keeping(
    client: Client,
    engine: AsyncEngine,
    policy: Policy,
    now: Callable[[], datetime],
    *,
    post_room: Path | None = None,
    local_mail: Path | None = None,
) -> list[Callable[..., Any]]:
    letters = PostRoom(post_room) if post_room else None
    retention = Retention(engine, policy, letters)
    erasing = Erasing(client, engine, now, letters, local_mail)
    of_retention = RetentionActivities(retention.look, retention.anonymise)
    of_erasure = ErasureActivities(erasing.runs, erasing.letters, erasing.people)
    return [
        of_retention.look,
        of_retention.anonymise,
        of_erasure.forget_runs,
        of_erasure.forget_letters,
        of_erasure.forget_people,
    ]
