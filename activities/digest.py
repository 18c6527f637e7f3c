"""Send each tier's lead a digest in the morning."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from temporalio import activity

from activities.heartbeat import heartbeat
from complaints.messages.digest import DigestRequest

LIST_RECIPIENTS, SEND = "list_digest_recipients", "send_digest"
"""The activities' names on the wire."""


class DigestActivities:
    def __init__(
        self,
        list_recipients: Callable[[datetime], Awaitable[list[DigestRequest]]],
        send: Callable[[DigestRequest], Awaitable[bool]],
    ) -> None:
        self._list_recipients = list_recipients
        self._send = send

    @activity.defn(name=LIST_RECIPIENTS)
    async def list_digest_recipients(self, now: datetime) -> list[DigestRequest]:
        """Return an empty list where the day is no working day."""
        return await self._list_recipients(now)

    @activity.defn(name=SEND)
    async def send_digest(self, request: DigestRequest) -> bool:
        """Return whether a digest was sent; an empty one is not.

        Raises while the channel is unavailable.
        """
        async with heartbeat():
            return await self._send(request)
