"""Wait for the tables, which the worker's process makes, and run the codec server."""

import asyncio
from time import monotonic, sleep

from complaints.runtime.exit import exit_process
from complaints.runtime.imports import without_garbage_collection

with without_garbage_collection():
    import codec.run  # noqa: F401 - `codec.__main__` imports it later than this process needs it
    from codec.__main__ import main as serve
    from complaints.environment import read_environment
    from complaints.records.database import RecordError, make_engine
    from complaints.records.migrations.revisions import schema_problem
    from complaints.settings import Settings
    from local.servers.temporal_wait import SERVERS_TIMEOUT_SECONDS

AGAIN_AFTER = 0.1
"""Seconds."""


def main() -> int:
    """Return the exit code."""
    url, until = Settings.read(read_environment()).database_url or "", monotonic() + SERVERS_TIMEOUT_SECONDS
    while not asyncio.run(_has_tables(url)) and monotonic() < until:
        sleep(AGAIN_AFTER)
    return serve()  # which reports what is missing


async def _has_tables(url: str) -> bool:
    engine = make_engine(url, pool_size=1)
    try:
        return not await schema_problem(engine)
    except RecordError:
        return False
    finally:
        await engine.dispose()


if __name__ == "__main__":
    exit_process(main())
