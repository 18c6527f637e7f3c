"""Preview how an act for each of many complaints would change their dates."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Sequence

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.acts import Act
from complaints.procedure.state import ComplaintState
from complaints.procedure.views.date_preview import DatePreview, preview_dates
from complaints.records.queries import read_last_states
from complaints.runtime.clock import now

BATCH_SIZE = 20
"""States that are in memory at once."""


async def preview_in_batches(
    engine: AsyncEngine, acts: AsyncIterator[tuple[str, Act]]
) -> AsyncGenerator[list[DatePreview], None]:
    """Yield a preview of each complaint's dates if its act came now. Nothing is changed."""
    batch: dict[str, Act] = {}
    async for reference, act in acts:
        batch[reference] = act
        if len(batch) == BATCH_SIZE:
            yield await _previews(engine, batch)
            batch = {}
    if batch:
        yield await _previews(engine, batch)


async def _previews(engine: AsyncEngine, acts: dict[str, Act]) -> list[DatePreview]:
    """Compute in a thread: the event loop answers others meanwhile."""
    states = await read_last_states(engine, list(acts))
    return await asyncio.to_thread(_preview_each, states, acts)


def _preview_each(states: Sequence[ComplaintState], acts: dict[str, Act]) -> list[DatePreview]:
    return [preview_dates(state, acts[state.reference], now()) for state in states]
