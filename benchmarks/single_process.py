"""Measure one worker's memory, and the time from `make up` to a recorded complaint."""

import asyncio
from time import perf_counter

from temporalio.client import Client

from benchmarks.load import live
from benchmarks.servers import baseline_worker, product_worker, project, running
from benchmarks.workloads import BaselineSide, ProductSide, Side, form
from complaints.records import queries
from complaints.records.database import make_engine
from local.ephemeral_stack import EphemeralStack
from local.supervisor.roles import Role

MEMORY_QUEUE = "memory"
CALMED_DOWN_AFTER = 2.0
"""Seconds until a process has settled."""
RECORDED_WITHIN = 60.0
"""Seconds."""


async def memory(stack: EphemeralStack, client: Client, lives: int) -> dict[str, float]:
    """Return resident bytes of a new worker for each open workflow, by side, after one act each.

    The number of workflows is at most the SDK's default cache size, 1,000.
    """
    engine = make_engine(stack.database_url)
    used: dict[str, float] = {}
    measured: list[tuple[Side, Role]] = [
        (BaselineSide(client), baseline_worker(stack.directory / "memory-baseline", stack)),
        (ProductSide(client, engine, MEMORY_QUEUE), product_worker(stack.directory / "memory", stack, MEMORY_QUEUE)),
    ]
    for side, role in measured:
        with running(role) as process:
            await live(side, f"{side.name}-begun-", 1, [], callers=1, acts=1)
            before = process.memory_info().rss
            await live(side, f"{side.name}-open-", lives, [], callers=20, acts=1)
            await asyncio.sleep(CALMED_DOWN_AFTER)
            used[side.name] = (process.memory_info().rss - before) / lives
    await engine.dispose()
    return used


def from_up_to_recorded() -> float:
    """Return the seconds from `make up`, without data, to the first complaint on the record."""
    with project() as made:
        file = made.folder / "form.json"
        file.write_text(form("FIRST").model_dump_json())
        begun = perf_counter()
        made.up()
        made.run("admin", "open", str(file))
        asyncio.run(_recorded(made.database_url, "FIRST"))
        return perf_counter() - begun


async def _recorded(database_url: str, reference: str) -> None:
    engine = make_engine(database_url)
    async with asyncio.timeout(RECORDED_WITHIN):
        while True:
            if await queries.find_complaint(engine, reference):
                break
            await asyncio.sleep(0.01)
    await engine.dispose()
