"""Find a complaint whose workflow task fails, so that nothing of it goes on."""

from pydantic import ValidationError
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory
from temporalio.exceptions import TemporalError

from complaints.encryption.data_keys import KeyDestroyedError
from complaints.encryption.foreign import ForeignPayloadError
from complaints.procedure.validation_messages import validation_errors
from complaints.temporal.client import decode_payloads
from complaints.temporal.failure_message import failure_message
from worker.replay.fetch_histories import MAX_REASON, has_started, is_open, workflow_type_of
from workflows import names
from workflows.input import ComplaintInput

HARMLESS_CAUSES = {
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_WORKFLOW,
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_RESET_STICKY_TASK_QUEUE,
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FAILOVER_CLOSE_COMMAND,
}
"""Causes of a task that the server gives out again, and that then succeeds."""


async def task_failure(client: Client, history: WorkflowHistory) -> str | None:
    """Return in one line why the newest run cannot go on; None if it can, or has ended."""
    if not is_open(history):
        return None
    if (
        workflow_type_of(history) == names.WORKFLOW
        and not has_started(history)
        and (why := await _why_undecodable(client, history))
    ):
        return f"its start input does not decode: {why}"
    for event in reversed(history.events):
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_COMPLETED:
            return None
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED and _is_harmful(event):
            return f"its workflow task fails: {await _message(client, history, event)}"
    return None


def _is_harmful(event: HistoryEvent) -> bool:
    return event.workflow_task_failed_event_attributes.cause not in HARMLESS_CAUSES


async def _message(client: Client, history: WorkflowHistory, event: HistoryEvent) -> str:
    attributes = event.workflow_task_failed_event_attributes
    message = " ".join((await failure_message(client, history.workflow_id, attributes.failure)).split())
    cause = " ".join((await failure_message(client, history.workflow_id, attributes.failure.cause)).split())
    name = WorkflowTaskFailedCause.Name(attributes.cause).removeprefix("WORKFLOW_TASK_FAILED_CAUSE_").lower()
    return (": ".join(filter(None, (message, cause))) or name)[:MAX_REASON]


async def _why_undecodable(client: Client, history: WorkflowHistory) -> str | None:
    payloads = history.events[0].workflow_execution_started_event_attributes.input.payloads
    try:
        await decode_payloads(client, history.workflow_id, payloads, [ComplaintInput])
    except ValidationError as error:
        lines = validation_errors(error, ComplaintInput, for_sender=False)
        return "; ".join(lines)[:MAX_REASON]
    except (ForeignPayloadError, KeyDestroyedError) as error:
        return str(error)
    except (TemporalError, RuntimeError, ValueError, TypeError, KeyError) as error:
        return type(error).__name__
    return None
