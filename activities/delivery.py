"""Send one letter or alert to one recipient."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from activities.asked_for import require_workflow
from activities.heartbeat import heartbeat
from activities.workflow_types import DELIVERY
from complaints.messages.key import DeliveryResult, MessageKey

DELIVER = "deliver"
"""The activity's name on the wire."""
DELIVERY_ID_PREFIX = "delivery/"
"""The start of the workflows' ids. No complaint's reference has a slash."""


def delivery_workflow_id(key: MessageKey) -> str:
    return f"{DELIVERY_ID_PREFIX}{key}"


class DeliveryActivities:
    """`deliver` sends a message that is owed; it raises while the channel is unavailable."""

    def __init__(self, deliver: Callable[[MessageKey], Awaitable[DeliveryResult]]) -> None:
        self._deliver = deliver

    @activity.defn(name=DELIVER)
    async def deliver(self, key: MessageKey) -> DeliveryResult:
        """Deliver it. Raises NotAskedForError for a message that nobody owes."""
        require_workflow(DELIVERY, workflow_id=delivery_workflow_id(key))
        async with heartbeat():
            return await self._deliver(key)
