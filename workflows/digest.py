"""The morning's digest for each tier's lead, started by a Schedule."""

import asyncio

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from activities.delivery import queue_of
    from activities.digest import DigestActivities, DigestRequest
    from workflows import names, timeouts


@workflow.defn(name=names.DIGEST)
class DigestWorkflow:
    @workflow.run
    async def run(self) -> list[str]:
        """The tiers whose leads were told."""
        queue = queue_of(workflow.info().task_queue)
        leads = await workflow.execute_activity_method(
            DigestActivities.list_digest_recipients, workflow.now(), task_queue=queue, **timeouts.DELIVER
        )
        told = await asyncio.gather(*(self._tell(lead, queue) for lead in leads))
        return [lead.tier for lead, anything in zip(leads, told, strict=True) if anything]

    async def _tell(self, lead: DigestRequest, queue: str) -> bool:
        anything: bool = await workflow.execute_activity_method(
            DigestActivities.send_digest,
            lead,
            task_queue=queue,
            summary=f"digest for the lead of {lead.tier}",
            **timeouts.DELIVER,
        )
        return anything
