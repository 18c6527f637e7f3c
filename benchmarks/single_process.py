"""What is measured of one process by itself: a worker's memory, and the way from nothing to a recorded complaint."""

import asyncio
from time import perf_counter

from temporalio.client import Client

from benchmarks.load import live
from benchmarks.servers import floor_worker, product_worker, project, running
from benchmarks.workloads import FloorSide, ProductSide, Side, form
from complaints.records import queries
from complaints.records.database import make_engine
from local.ephemeral_stack import EphemeralStack
from local.supervisor.roles import Role

MEMORY_QUEUE = "memory"
CALMED_DOWN_AFTER = 2.0
"""Seconds."""
RECORDED_WITHIN = 30.0
"""Seconds."""


async def memory(stack: EphemeralStack, client: Client, lives: int) -> dict[str, float]:
    """Bytes of a new worker's resident memory for each open life, by side; each life has had one act.

    At most as many as a worker keeps by the SDK's default, 1,000.
    """
    engine = make_engine(stack.database_url)
    used: dict[str, float] = {}
    measured: list[tuple[Side, Role]] = [
        (FloorSide(client), floor_worker(stack.directory / "memory-floor", stack.temporal_address)),
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
    """Seconds from `make up`, in a folder without data, until the first complaint is on the record."""
    with project() as made:
        file = made.folder / "form.json"
        file.write_text(form("FIRST").model_dump_json())
        begun = perf_counter()
        made.up()
        made.run("admin", "open", str(file), "--as", "intake")
        asyncio.run(_recorded(made.database_url, "FIRST"))
        return perf_counter() - begun


async def _recorded(database_url: str, reference: str) -> None:
    engine = make_engine(database_url)
    async with asyncio.timeout(RECORDED_WITHIN):
        while True:
            if await queries.find(engine, reference):
                break
            await asyncio.sleep(0.01)
    await engine.dispose()
