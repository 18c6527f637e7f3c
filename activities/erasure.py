"""Erase one complaint: its keys, then Temporal, the letters and the record."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from activities.asked_for import require_workflow
from activities.heartbeat import heartbeat
from activities.workflow_types import ERASURE
from complaints.procedure.erasure_request import ErasureRequest

CONFIRM = "confirm_erasure"
DESTROY_KEYS = "destroy_keys"
DELETE_WORKFLOW_RUNS, DELETE_LETTERS, ANONYMISE_RECORD = "delete_workflow_runs", "delete_letters", "anonymise_record"
"""The activities' names on the wire."""

EraseStep = Callable[[str], Awaitable[None]]
"""Takes the complaint's reference. Idempotent. Raises NotAskedForError without a tombstone for it."""


class ErasureActivities:
    """`confirm` returns what the record says was asked for.

    It raises NotAskedForError for nothing.
    """

    def __init__(
        self,
        confirm: Callable[[str], Awaitable[ErasureRequest]],
        destroy_keys: EraseStep,
        delete_workflow_runs: EraseStep,
        delete_letters: EraseStep,
        anonymise_record: EraseStep,
    ) -> None:
        self._confirm = confirm
        self._destroy_keys = destroy_keys
        self._delete_workflow_runs = delete_workflow_runs
        self._delete_letters = delete_letters
        self._anonymise_record = anonymise_record

    @activity.defn(name=CONFIRM)
    async def confirm_erasure(self, reference: str) -> ErasureRequest:
        """Return the request. After a restore, it is what `reconcile` reads in the history."""
        require_workflow(ERASURE)
        return await self._confirm(reference)

    @activity.defn(name=DESTROY_KEYS)
    async def destroy_keys(self, reference: str) -> None:
        """Destroy its keys: from then on nobody reads it, in no database, log or backup."""
        await _run(self._destroy_keys, reference)

    @activity.defn(name=DELETE_WORKFLOW_RUNS)
    async def delete_workflow_runs(self, reference: str) -> None:
        """Delete every run of its workflow and of its deliveries."""
        await _run(self._delete_workflow_runs, reference)

    @activity.defn(name=DELETE_LETTERS)
    async def delete_letters(self, reference: str) -> None:
        await _run(self._delete_letters, reference)

    @activity.defn(name=ANONYMISE_RECORD)
    async def anonymise_record(self, reference: str) -> None:
        await _run(self._anonymise_record, reference)


async def _run(step: EraseStep, reference: str) -> None:
    require_workflow(ERASURE)
    async with heartbeat():
        await step(reference)
