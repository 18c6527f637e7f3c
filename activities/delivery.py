"""Sends one letter or alert to one recipient."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from activities.heartbeat import heartbeat
from complaints.messages.key import DeliveryResult, MessageKey

DELIVER = "deliver"
"""Its name on the wire."""


def queue_of(task_queue: str) -> str:
    """Where deliveries are done: a channel that hangs takes no place from what records."""
    return f"{task_queue}-deliveries"


class DeliveryActivities:
    """`deliver` sends it, unless it has gone already; raises while its channel is away."""

    def __init__(self, deliver: Callable[[MessageKey], Awaitable[DeliveryResult]]) -> None:
        self._deliver = deliver

    @activity.defn(name=DELIVER)
    async def deliver(self, key: MessageKey) -> DeliveryResult:
        async with heartbeat():
            return await self._deliver(key)
