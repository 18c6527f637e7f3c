"""Send each tier's lead the digest of the morning; started by a Schedule."""

import asyncio

from temporalio import workflow

from activities.digest import DigestActivities
from activities.task_queues import complaint_queue, delivery_queue
from complaints.messages.digest import DigestRequest
from workflows import names, timeouts


@workflow.defn(name=names.DIGEST)
class DigestWorkflow:
    @workflow.run
    async def run(self) -> list[str]:
        """Return the tiers for which a digest was sent."""
        queue = delivery_queue(complaint_queue(workflow.info().task_queue))
        requests = await workflow.execute_activity_method(
            DigestActivities.list_digest_recipients, workflow.now(), task_queue=queue, **timeouts.DELIVER
        )
        sent = await asyncio.gather(*(self._send(request, queue) for request in requests))
        return [request.tier for request, was_sent in zip(requests, sent, strict=True) if was_sent]

    async def _send(self, request: DigestRequest, queue: str) -> bool:
        was_sent: bool = await workflow.execute_activity_method(
            DigestActivities.send_digest,
            request,
            task_queue=queue,
            summary=f"digest for the lead of {request.tier}",
            **timeouts.DELIVER,
        )
        return was_sent
