"""Start the delivery of a letter or an alert: once, or again after it was held."""

from contextlib import suppress

from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from activities.delivery import delivery_workflow_id
from activities.task_queues import delivery_queue
from complaints.encryption.data_keys import KeyDestroyedError
from complaints.messages.key import MessageKey
from complaints.temporal.search_attributes import attributes_of_delivery
from complaints.temporal.summaries import fit_summary
from workflows.delivery import DeliveryWorkflow


async def start_delivery(
    client: Client, task_queue: str, key: MessageKey, summary: str, *, again: bool = False
) -> None:
    """Start one delivery workflow for `key`; do nothing if one runs, or has completed.

    `task_queue` is that of complaints. `summary` is for Temporal's page, so it holds nothing personal.
    `again` starts another run of one that has completed, for a message that was held. Nothing leaves for a complaint
    whose key is destroyed. Raises KeysUnreachableError, and temporalio's RPCError.
    """
    with suppress(WorkflowAlreadyStartedError, KeyDestroyedError):
        await client.start_workflow(
            DeliveryWorkflow.run,
            key,
            id=delivery_workflow_id(key),
            task_queue=delivery_queue(task_queue),
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            id_reuse_policy=(
                WorkflowIDReusePolicy.ALLOW_DUPLICATE if again else WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY
            ),
            search_attributes=attributes_of_delivery(key.reference),
            static_summary=fit_summary(summary),
        )
