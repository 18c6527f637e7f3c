"""Measure the time from `make up` to a recorded complaint."""

import asyncio
from time import perf_counter

from benchmarks.servers import project
from benchmarks.workloads import form
from complaints.records import queries
from complaints.records.database import make_engine

RECORDED_WITHIN = 60.0
"""Seconds."""


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
