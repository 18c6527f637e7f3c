"""The worker as a role of the stack; it migrates the database before it starts."""

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
    "COMPLAINTS_LOCAL_MAIL",
    "COMPLAINTS_WEBHOOK",
    "COMPLAINTS_KEY",
    "COMPLAINTS_AUDIT",
)
NOWHERE: Mapping[str, str] = MappingProxyType({})


def worker(
    directory: Path,
    *,
    temporal_address: str,
    database_url: str,
    keys: Mapping[str, str],
    listens: Mapping[str, str] = NOWHERE,
    channels: Mapping[str, str] = NOWHERE,
) -> Role:
    """Return the worker's role: ready once it polls, when it makes `directory`/worker.ready.

    `keys`: settings of keys, as `local.servers.keys` gives them.
    `listens`: settings of the health endpoint and the metrics, each with its address.
    `channels`: settings of the channels; channels set in the caller's environment are left out.
    """
    ready = directory / "worker.ready"
    environment = {
        # Whatever the terminal says of another Temporal, and of real people's mail, is not meant for this one.
        **{name: value for name, value in os.environ.items() if not name.startswith(ANOTHERS)},
        "TEMPORAL_ADDRESS": temporal_address,
        "COMPLAINTS_DATABASE_URL": database_url,
        "COMPLAINTS_READY_FILE": str(ready),
        "COMPLAINTS_LOCAL": "1",
        **keys,
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
        waits_for_others=True,
        stop_patience=45.0,  # it lets running activities end first
    )
