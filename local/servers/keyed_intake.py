"""Wait for the servers and the tables, make an API key, and run the intake service."""

import asyncio
import sys
from pathlib import Path
from time import monotonic, sleep

from complaints.runtime.exit import exit_process
from complaints.runtime.imports import without_garbage_collection

with without_garbage_collection():
    from sqlalchemy.ext.asyncio import AsyncEngine

    import starter.command  # noqa: F401 - `starter.__main__` imports it later than this process needs it
    from complaints.api_keys import ApiKey, Scope
    from complaints.environment import read_environment
    from complaints.records import systems
    from complaints.records.database import RecordError, make_engine
    from complaints.records.migrations.revisions import schema_problem
    from complaints.records.systems import SystemRefusedError
    from complaints.runtime.clock import now
    from complaints.settings import Settings
    from local.servers.temporal_wait import SERVERS_TIMEOUT_SECONDS, wait_for_temporal
    from starter.__main__ import main as serve

SYSTEM = "local"
AGAIN_AFTER = 0.1
"""Seconds."""


def main(key_file: Path) -> int:
    """Return the exit code."""
    environment = read_environment()
    key, url = _key_in(key_file), Settings.read(environment).database_url or ""
    until = monotonic() + SERVERS_TIMEOUT_SECONDS
    while not asyncio.run(_holds(url, key)):
        if monotonic() > until:
            print("the database has no tables", file=sys.stderr)
            return 1
        sleep(AGAIN_AFTER)
    wait_for_temporal(environment["TEMPORAL_ADDRESS"])
    return serve()


def _key_in(file: Path) -> ApiKey:
    """Read the key of the last start, or make one."""
    known = ApiKey.read(file.read_text().strip()) if file.exists() else None
    if known:
        return known
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    made = ApiKey.new()
    file.write_text(f"{made}\n")
    return made


async def _holds(url: str, key: ApiKey) -> bool:
    """Put the key on the record if it is not there; return False while there are no tables."""
    engine = make_engine(url, pool_size=1)
    try:
        if await schema_problem(engine):
            return False
        if not any(known.id == key.id for system in await systems.list_systems(engine) for known in system.keys):
            await _put(engine, key)
    except RecordError:
        return False
    finally:
        await engine.dispose()
    return True


async def _put(engine: AsyncEngine, key: ApiKey) -> None:
    at = now()
    try:
        await systems.add_system(engine, SYSTEM, tuple(Scope), SYSTEM, at, key)
    except SystemRefusedError:
        await systems.rotate_key(engine, SYSTEM, SYSTEM, at, key, old_until=at)


if __name__ == "__main__":
    exit_process(main(Path(sys.argv[1])))
