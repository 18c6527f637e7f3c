"""Send one letter or alert to one recipient."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from activities.heartbeat import heartbeat
from complaints.messages.key import DeliveryResult, MessageKey

DELIVER = "deliver"
"""The activity's name on the wire."""


class DeliveryActivities:
    """`deliver` sends a message unless it was sent; it raises while the channel is unavailable."""

    def __init__(self, deliver: Callable[[MessageKey], Awaitable[DeliveryResult]]) -> None:
        self._deliver = deliver

    @activity.defn(name=DELIVER)
    async def deliver(self, key: MessageKey) -> DeliveryResult:
        async with heartbeat():
            return await self._deliver(key)
