"""A run over all open complaints survives a killed worker, and recalculates each once (R14)."""

from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from benchmarks.recalendar import recalendar
from local.ephemeral_stack import EphemeralStack


async def test_each_complaint_is_recalculated_once_although_the_worker_is_killed(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    figures = await recalendar(stack, client, engine, tmp_path, 45, 15, lambda _: None)
    assert 15 <= figures.recalculated_before_kill < 45
    assert figures.recalculated == {1: 60}
    assert figures.found == (45, 15)
    assert figures.moved == 45
    assert figures.acts
