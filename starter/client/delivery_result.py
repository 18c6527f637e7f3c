"""Ask Temporal what became of a letter or an alert."""

from dataclasses import dataclass

from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from activities.delivery import delivery_workflow_id
from activities.task_queues import delivery_queue
from complaints.encryption.data_keys import KeyDestroyedError
from complaints.messages.key import DeliveryResult, MessageKey


@dataclass(frozen=True)
class KnownDelivery:
    """The newest run of a delivery's workflow."""

    result: DeliveryResult | None
    """None: it runs, or it ended without a result."""


async def find_known_delivery(client: Client, task_queue: str, key: MessageKey) -> KnownDelivery | None:
    """Find what Temporal knows of a delivery; None: nothing. Raises RPCError.

    The workflow marks the delivery on the record before it completes. A completed one whose delivery is not marked
    proves that the record was restored to an older state.
    """
    handle = client.get_workflow_handle(delivery_workflow_id(key), result_type=DeliveryResult)
    try:
        described = await handle.describe()
        if described.task_queue != delivery_queue(task_queue):
            return None
        is_completed = described.status is WorkflowExecutionStatus.COMPLETED
        return KnownDelivery(await handle.result() if is_completed else None)
    except KeyDestroyedError:
        return KnownDelivery(None)
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return None
        raise
