"""Measure the time from `make up` to a recorded complaint."""

import asyncio
from time import perf_counter
from typing import NamedTuple

from benchmarks.script import COMMANDS, NOTHING, processor_seconds
from benchmarks.servers import project
from benchmarks.workloads import form
from complaints.records import queries
from complaints.records.database import make_engine

RECORDED_WITHIN = 60.0
"""Seconds."""


class Round(NamedTuple):
    up_to_recorded: float
    """Seconds from `make up`, without data, to the first complaint on the record."""
    script: dict[str, float]
    """Processor time of each of `COMMANDS`, in seconds."""
    nothing: float
    """Processor time of an interpreter that does nothing."""


def from_up_to_recorded() -> Round:
    """Start the stack, open a complaint, and then run the script's commands."""
    with project() as made:
        file = made.folder / "form.json"
        file.write_text(form("FIRST").model_dump_json())
        begun = perf_counter()
        made.up()
        made.run("admin", "open", str(file))
        asyncio.run(_recorded(made.database_url, "FIRST"))
        seconds = perf_counter() - begun
        script = {command: processor_seconds(made, arguments) for command, arguments in COMMANDS.items()}
        return Round(seconds, script, processor_seconds(made, NOTHING))


async def _recorded(database_url: str, reference: str) -> None:
    engine = make_engine(database_url)
    async with asyncio.timeout(RECORDED_WITHIN):
        while True:
            if await queries.find_complaint(engine, reference):
                break
            await asyncio.sleep(0.01)
    await engine.dispose()
