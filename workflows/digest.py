"""Send each lead the digest of the morning, and sign the root that it quotes; by Schedules."""

import asyncio
from datetime import date
from typing import Any

from temporalio import workflow

from activities.asked_for import require_no_input
from activities.audit_root import AuditRootActivities
from activities.digest import DigestActivities, DigestRecipient
from activities.task_queues import complaint_queue, delivery_queue
from complaints.temporal.execution import execute_activity
from workflows import names, timeouts


@workflow.defn(name=names.DIGEST)
class DigestWorkflow:
    @workflow.run
    async def run(self, *given: Any) -> list[str]:
        """Return the tiers for which a digest was sent.

        Fails with `not_asked_for` but for the day's first run.
        """
        require_no_input(given)
        queue = delivery_queue(complaint_queue(workflow.info().task_queue))
        recipients = await execute_activity(
            DigestActivities.list_digest_recipients, task_queue=queue, **timeouts.DELIVER
        )
        sent = await asyncio.gather(*(self._send(recipient, queue) for recipient in recipients))
        return [recipient.tier for recipient, was_sent in zip(recipients, sent, strict=True) if was_sent]

    async def _send(self, recipient: DigestRecipient, queue: str) -> bool:
        was_sent: bool = await execute_activity(
            DigestActivities.send_digest,
            recipient,
            task_queue=queue,
            summary=f"digest for the lead of {recipient.tier}",
            **timeouts.DELIVER,
        )
        return was_sent


@workflow.defn(name=names.AUDIT_ROOT)
class AuditRootWorkflow:
    """Sign the root over the chains of all complaints, each day; started by a Schedule."""

    @workflow.run
    async def run(self, *given: Any) -> date:
        """Return the day of the root.

        Fails with `not_asked_for` but for the day's first run.
        """
        require_no_input(given)
        day: date = await execute_activity(
            AuditRootActivities.sign_audit_root,
            task_queue=delivery_queue(complaint_queue(workflow.info().task_queue)),
            summary="signed root over the chains of all complaints",
            **timeouts.DELIVER,
        )
        return day
