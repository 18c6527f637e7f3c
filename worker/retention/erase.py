"""Erases a complaint wherever the product keeps something of it."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.common.v1 import WorkflowExecution
from temporalio.api.workflowservice.v1 import DeleteWorkflowExecutionRequest
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from complaints.channels.local_mailbox import forget_mail
from complaints.channels.post_room import PostRoom
from complaints.messages.key import MessageKey
from complaints.records.erasure import erase
from workflows.delivery import PREFIX

POLL_SECONDS = 0.5
"""Seconds."""


class Eraser:
    """`local_mail`: where the local stack keeps the mail that it was sent."""

    def __init__(
        self,
        client: Client,
        engine: AsyncEngine,
        now: Callable[[], datetime],
        post_room: PostRoom | None,
        local_mail: Path | None,
    ) -> None:
        self._client = client
        self._engine = engine
        self._now = now
        self._post_room = post_room
        self._local_mail = local_mail

    async def delete_workflow_runs(self, reference: str) -> None:
        """Until Temporal knows none: it deletes in its own time, and one that runs is ended first. Raises RPCError."""
        while found := await self._runs_of(reference):
            for execution in found:
                with _ignoring_what_is_gone():
                    await self._client.workflow_service.delete_workflow_execution(
                        DeleteWorkflowExecutionRequest(namespace=self._client.namespace, workflow_execution=execution)
                    )
            await asyncio.sleep(POLL_SECONDS)

    async def delete_letters(self, reference: str) -> None:
        """Raises OSError."""
        if self._post_room:
            await self._post_room.forget([reference])
        if self._local_mail:
            await asyncio.to_thread(forget_mail, self._local_mail, reference)

    async def anonymise_record(self, reference: str) -> None:
        """Raises RecordUnreachableError."""
        await erase(self._engine, reference, self._now())

    async def _runs_of(self, reference: str) -> list[WorkflowExecution]:
        """All that are listed; and the latest, which may not be listed yet."""
        ours = f'WorkflowId = "{reference}" OR WorkflowId STARTS_WITH "{PREFIX}{reference}."'
        found = [
            WorkflowExecution(workflow_id=each.id, run_id=each.run_id)
            async for each in self._client.list_workflows(ours)
            if _is_about(each.id, reference)
        ]
        if not found:
            with _ignoring_what_is_gone():
                latest = await self._client.get_workflow_handle(reference).describe()
                found.append(WorkflowExecution(workflow_id=reference, run_id=latest.run_id))
        return found


def _is_about(workflow_id: str, reference: str) -> bool:
    """A reference may have dots: what begins like one may be another's."""
    if not workflow_id.startswith(PREFIX):
        return workflow_id == reference
    return MessageKey.read(workflow_id.removeprefix(PREFIX)).reference == reference


@contextmanager
def _ignoring_what_is_gone() -> Iterator[None]:
    try:
        yield
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
