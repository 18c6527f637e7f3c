"""The project's own worker as a role of the stack; the database is migrated before it starts."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from local.supervisor.roles import Role

ROOT = Path(__file__).parents[2]
ANOTHERS = (
    "TEMPORAL_",
    "COMPLAINTS_SMTP",
    "COMPLAINTS_MAIL_FROM",
    "COMPLAINTS_STAFF_DOMAIN",
    "COMPLAINTS_LETTERS",
    "COMPLAINTS_POST_ROOM",
    "COMPLAINTS_WEBHOOK",
)
NOWHERE: Mapping[str, str] = MappingProxyType({})


def worker(
    directory: Path,
    *,
    temporal_address: str,
    database_url: str,
    listens: Mapping[str, str] = NOWHERE,
    channels: Mapping[str, str] = NOWHERE,
) -> Role:
    """The worker, ready once it has made `directory`/worker.ready, which it does when it polls.

    `listens`: the variables that say where it tells of its health and its figures, each with its address.
    `channels`: those that say by which ways letters and alerts leave; none leaves by another that the terminal knows.
    """
    ready = directory / "worker.ready"
    environment = {
        # Whatever the terminal says of another Temporal, and of real people's mail, is not meant for this one.
        **{name: value for name, value in os.environ.items() if not name.startswith(ANOTHERS)},
        "TEMPORAL_ADDRESS": temporal_address,
        "COMPLAINTS_DATABASE_URL": database_url,
        "COMPLAINTS_READY_FILE": str(ready),
        "COMPLAINTS_LOCAL": "1",
        **listens,
        **channels,
    }

    return Role(
        name="worker",
        command=[sys.executable, "-m", "local.servers.migrated_worker"],
        env=environment,
        cwd=ROOT,
        prepare=lambda: ready.unlink(missing_ok=True),
        ready=lambda _: ready.exists(),
        needs_those_before=True,
        stop_patience=45.0,  # it lets running activities end first
    )
