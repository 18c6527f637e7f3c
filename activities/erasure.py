"""Erases one complaint wherever something of it is kept."""

from collections.abc import Awaitable, Callable

from temporalio import activity

from activities.heartbeat import beating

FORGET_RUNS, FORGET_LETTERS, FORGET_PEOPLE = "forget_runs", "forget_letters", "forget_people"
"""Their names on the wire."""

Forget = Callable[[str], Awaitable[None]]
"""Told the complaint's reference; again, to no further effect."""


class ErasureActivities:
    """In Temporal, among the letters, on the record."""

    def __init__(self, runs: Forget, letters: Forget, people: Forget) -> None:
        self._runs = runs
        self._letters = letters
        self._people = people

    @activity.defn(name=FORGET_RUNS)
    async def forget_runs(self, reference: str) -> None:
        """Every run of its workflow, and of the workflows that delivered its letters."""
        async with beating():
            await self._runs(reference)

    @activity.defn(name=FORGET_LETTERS)
    async def forget_letters(self, reference: str) -> None:
        async with beating():
            await self._letters(reference)

    @activity.defn(name=FORGET_PEOPLE)
    async def forget_people(self, reference: str) -> None:
        async with beating():
            await self._people(reference)
