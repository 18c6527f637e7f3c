"""Send each tier's lead a digest in the morning."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime

from pydantic import BaseModel
from temporalio import activity

from activities.asked_for import require_workflow, workflow_run
from activities.heartbeat import heartbeat
from activities.workflow_types import DIGEST

LIST_RECIPIENTS, SEND = "list_digest_recipients", "send_digest"
"""The activities' names on the wire."""


class DigestRecipient(BaseModel):
    """The tier whose leads get a digest, and its day."""

    tier: str
    day: date


class DigestActivities:
    """Both take the workflow run, which must be the one of the day."""

    def __init__(
        self,
        list_recipients: Callable[[datetime, str], Awaitable[list[DigestRecipient]]],
        send: Callable[[DigestRecipient, str], Awaitable[bool]],
    ) -> None:
        self._list_recipients = list_recipients
        self._send = send

    @activity.defn(name=LIST_RECIPIENTS)
    async def list_digest_recipients(self) -> list[DigestRecipient]:
        """Return an empty list where the day is no working day."""
        require_workflow(DIGEST)
        return await self._list_recipients(activity.info().scheduled_time, workflow_run())

    @activity.defn(name=SEND)
    async def send_digest(self, recipient: DigestRecipient) -> bool:
        """Return whether a digest was sent; an empty one is not.

        Raises while the channel is unavailable.
        """
        require_workflow(DIGEST)
        async with heartbeat():
            return await self._send(recipient, workflow_run())
