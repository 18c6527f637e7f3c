"""Erase one complaint from Temporal, the letters and the record."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from activities.heartbeat import heartbeat

DELETE_WORKFLOW_RUNS, DELETE_LETTERS, ANONYMISE_RECORD = "delete_workflow_runs", "delete_letters", "anonymise_record"
"""The activities' names on the wire."""

EraseStep = Callable[[str], Awaitable[None]]
"""Takes the complaint's reference. Idempotent."""


class ErasureActivities:
    def __init__(self, delete_workflow_runs: EraseStep, delete_letters: EraseStep, anonymise_record: EraseStep) -> None:
        self._delete_workflow_runs = delete_workflow_runs
        self._delete_letters = delete_letters
        self._anonymise_record = anonymise_record

    @activity.defn(name=DELETE_WORKFLOW_RUNS)
    async def delete_workflow_runs(self, reference: str) -> None:
        """Delete every run of its workflow and of its deliveries."""
        async with heartbeat():
            await self._delete_workflow_runs(reference)

    @activity.defn(name=DELETE_LETTERS)
    async def delete_letters(self, reference: str) -> None:
        async with heartbeat():
            await self._delete_letters(reference)

    @activity.defn(name=ANONYMISE_RECORD)
    async def anonymise_record(self, reference: str) -> None:
        async with heartbeat():
            await self._anonymise_record(reference)
