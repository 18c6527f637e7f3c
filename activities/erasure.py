"""Erases one complaint wherever something of it is kept."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from activities.heartbeat import heartbeat

DELETE_WORKFLOW_RUNS, DELETE_LETTERS, ANONYMISE_RECORD = "delete_workflow_runs", "delete_letters", "anonymise_record"
"""Their names on the wire."""

EraseStep = Callable[[str], Awaitable[None]]
"""Told the complaint's reference; again, to no further effect."""


class ErasureActivities:
    """In Temporal, among the letters, on the record."""

    def __init__(self, runs: EraseStep, letters: EraseStep, people: EraseStep) -> None:
        self._runs = runs
        self._letters = letters
        self._people = people

    @activity.defn(name=DELETE_WORKFLOW_RUNS)
    async def delete_workflow_runs(self, reference: str) -> None:
        """Every run of its workflow, and of the workflows that delivered its letters."""
        async with heartbeat():
            await self._runs(reference)

    @activity.defn(name=DELETE_LETTERS)
    async def delete_letters(self, reference: str) -> None:
        async with heartbeat():
            await self._letters(reference)

    @activity.defn(name=ANONYMISE_RECORD)
    async def anonymise_record(self, reference: str) -> None:
        async with heartbeat():
            await self._people(reference)
