"""Erase a complaint: its keys, its runs, its letters and its record."""

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

from activities.asked_for import NotAskedForError
from activities.delivery import DELIVERY_ID_PREFIX
from activities.erasure import EraseStep
from complaints.channels.local_mailbox import delete_mail
from complaints.channels.post_room import PostRoom
from complaints.messages.key import MessageKey
from complaints.procedure.erasure_request import ErasureRequest
from complaints.records.erasure import erase, find_erasure_request, find_tombstone
from complaints.records.personal.encryption import destroy_keys
from complaints.records.tombstone import TombstoneKind

POLL_SECONDS = 0.5


async def confirm_erasure(engine: AsyncEngine, reference: str) -> ErasureRequest:
    """Return the erasure that somebody asked for and that is not finished.

    Raises NotAskedForError, RecordUnreachableError.
    """
    request = await find_erasure_request(engine, reference)
    if request is None:
        raise NotAskedForError(f"nobody asked to erase {reference}, or it is erased")
    return request


async def erase_if_asked(engine: AsyncEngine, step: EraseStep, reference: str) -> None:
    """Take a step, unless the erasure is finished, as after an attempt before.

    Raises NotAskedForError, RecordUnreachableError, and what the step raises.
    """
    tombstone = await find_tombstone(engine, reference)
    if tombstone is None or tombstone.kind is not TombstoneKind.ERASED:
        raise NotAskedForError(f"nobody asked to erase {reference}")
    if tombstone.done_at is None:
        await step(reference)


class Eraser:
    """`local_mail`: the folder in which the local stack keeps mail."""

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

    async def destroy_keys(self, reference: str) -> None:
        """Destroy all keys of a complaint that has a tombstone. Raises RecordUnreachableError."""
        tombstone = await find_tombstone(self._engine, reference)
        assert tombstone, "erase_if_asked has found it"
        await destroy_keys(self._engine, reference, tombstone.by, tombstone.why, self._now())

    async def delete_workflow_runs(self, reference: str) -> None:
        """Delete all runs. Raises RPCError."""
        await delete_workflow_runs(self._client, reference)

    async def delete_letters(self, reference: str) -> None:
        """Delete the letters in the post room and in the local mailbox. Raises OSError."""
        if self._post_room:
            await self._post_room.delete_letters([reference])
        if self._local_mail:
            await asyncio.to_thread(delete_mail, self._local_mail, reference)

    async def anonymise_record(self, reference: str) -> None:
        """Anonymise the record. Raises RecordUnreachableError."""
        await erase(self._engine, reference, self._now())


async def delete_workflow_runs(client: Client, reference: str) -> None:
    """Delete all runs, and wait until Temporal has none left. Raises RPCError.

    Temporal deletes asynchronously, and terminates a running workflow first.
    """
    while runs := await _runs_of(client, reference):
        for execution in runs:
            with _ignore_not_found():
                await client.workflow_service.delete_workflow_execution(
                    DeleteWorkflowExecutionRequest(namespace=client.namespace, workflow_execution=execution)
                )
        await asyncio.sleep(POLL_SECONDS)


async def _runs_of(client: Client, reference: str) -> list[WorkflowExecution]:
    """Return all listed runs, else the latest run, which may not be listed yet."""
    query = f'WorkflowId = "{reference}" OR WorkflowId STARTS_WITH "{DELIVERY_ID_PREFIX}{reference}."'
    runs = [
        WorkflowExecution(workflow_id=run.id, run_id=run.run_id)
        async for run in client.list_workflows(query)
        if _is_about(run.id, reference)
    ]
    if not runs:
        with _ignore_not_found():
            latest = await client.get_workflow_handle(reference).describe()
            runs.append(WorkflowExecution(workflow_id=reference, run_id=latest.run_id))
    return runs


def _is_about(workflow_id: str, reference: str) -> bool:
    """Return whether a workflow is the reference's.

    A reference may have dots, so a prefix is not enough.
    """
    if not workflow_id.startswith(DELIVERY_ID_PREFIX):
        return workflow_id == reference
    return MessageKey.read(workflow_id.removeprefix(DELIVERY_ID_PREFIX)).reference == reference


@contextmanager
def _ignore_not_found() -> Iterator[None]:
    try:
        yield
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
