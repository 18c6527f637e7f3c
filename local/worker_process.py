"""The project's own worker as a role of the stack; the database is migrated before it starts."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from local.roles import Role

ROOT = Path(__file__).parents[1]
NOWHERE: Mapping[str, str] = MappingProxyType({})


def worker(directory: Path, *, temporal_address: str, database_url: str, listens: Mapping[str, str] = NOWHERE) -> Role:
    """The worker, ready once it has made `directory`/worker.ready, which it does when it polls.

    `listens`: the variables that say where it tells of its health and its figures, each with its address.
    """
    ready = directory / "worker.ready"
    environment = {
        # Whatever the terminal says of another Temporal is not meant for this one.
        **{name: value for name, value in os.environ.items() if not name.startswith("TEMPORAL_")},
        "TEMPORAL_ADDRESS": temporal_address,
        "COMPLAINTS_DATABASE_URL": database_url,
        "COMPLAINTS_READY_FILE": str(ready),
        "COMPLAINTS_LOCAL": "1",
        **listens,
    }

    return Role(
        name="worker",
        command=[sys.executable, "-m", "local.migrated_worker"],
        env=environment,
        cwd=ROOT,
        prepare=lambda: ready.unlink(missing_ok=True),
        ready=lambda _: ready.exists(),
        needs_those_before=True,
        stop_patience=45.0,  # it lets running activities end first
    )
