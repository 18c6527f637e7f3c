"""Deliver one letter or alert to one recipient, until it is sent or held.

The workflow's id is `delivery/` and the message's key, so there is only one for each message. It and the complaint's
workflow do not wait for each other: it runs on a task queue of its own, with its activity.
"""

from contextlib import suppress
from typing import Any

from temporalio import workflow
from temporalio.exceptions import FailureError

from activities.asked_for import read_input
from activities.delivery import DeliveryActivities
from complaints.messages.key import COMPLAINANT, DeliveryResult, DeliveryStatus, MessageKey
from complaints.procedure.acts import Act, LetterHeld, LetterSent
from complaints.procedure.enums import Channel
from complaints.procedure.permissions import POST_ROOM
from complaints.temporal.execution import execute_activity
from workflows import names, timeouts


@workflow.defn(name=names.DELIVERY)
class DeliveryWorkflow:
    @workflow.run
    async def run(self, *given: Any) -> DeliveryResult:
        """Deliver the message of a MessageKey. Fails with `not_asked_for` for one that nobody owes."""
        key = read_input(given, MessageKey)
        result: DeliveryResult = await execute_activity(
            DeliveryActivities.deliver,
            key,
            summary=f"send to {key.to}",
            **timeouts.DELIVER,
        )
        if result.notify_complaint and key.to == COMPLAINANT:
            act = _act_of(key, result)
            with suppress(FailureError):  # the complaint's workflow has completed
                await workflow.get_external_workflow_handle(key.reference).signal(act.name, act)
        return result


def _act_of(key: MessageKey, result: DeliveryResult) -> Act:
    fields = {"id": f"{key.sequence}.{result.status}.{workflow.info().run_id}", "by": POST_ROOM, "letter": key.sequence}
    if result.status is DeliveryStatus.HELD:
        return LetterHeld.model_validate(fields | {"reason": result.why})
    return LetterSent.model_validate(fields | {"sent_at": result.at, "channel": Channel(result.channel)})
