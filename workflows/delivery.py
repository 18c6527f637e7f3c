"""One workflow for each letter and alert to one recipient: it lasts until that has gone, or somebody must put it right.

Its id is the message's key: it is sent by nobody else, and neither waits for the complaint's workflow nor holds it up.
"""

from contextlib import suppress

from temporalio import workflow
from temporalio.exceptions import FailureError

with workflow.unsafe.imports_passed_through():
    from activities.delivery import DeliveryActivities, queue_of
    from complaints.messages.key import COMPLAINANT, DeliveryResult, DeliveryStatus, MessageKey
    from complaints.procedure.acts import Act, LetterHeld, LetterSent
    from complaints.procedure.enums import Channel
    from complaints.procedure.permissions import POST_ROOM
    from workflows import names, timeouts


PREFIX = "delivery/"
"""Of the workflows' ids; no complaint's reference has a slash."""


def workflow_id(key: MessageKey) -> str:
    return f"{PREFIX}{key}"


@workflow.defn(name=names.DELIVERY)
class DeliveryWorkflow:
    @workflow.run
    async def run(self, key: MessageKey) -> DeliveryResult:
        outcome: DeliveryResult = await workflow.execute_activity_method(
            DeliveryActivities.deliver,
            key,
            task_queue=queue_of(workflow.info().task_queue),
            summary=f"send to {key.to}",
            **timeouts.DELIVER,
        )
        if outcome.notify_complaint and key.to == COMPLAINANT:
            act = _news(key, outcome)
            with suppress(FailureError):  # the complaint's workflow has completed: nothing waits for this any more
                await workflow.get_external_workflow_handle(key.reference).signal(act.name, act)
        return outcome


def _news(key: MessageKey, outcome: DeliveryResult) -> Act:
    about = {"id": f"{key.sequence}.{outcome.status}.{workflow.info().run_id}", "by": POST_ROOM, "letter": key.sequence}
    if outcome.status is DeliveryStatus.HELD:
        return LetterHeld.model_validate(about | {"reason": outcome.why})
    return LetterSent.model_validate(about | {"sent_at": outcome.at, "channel": Channel(outcome.channel)})
