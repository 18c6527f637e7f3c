"""The intake service as a role of the stack, with an API key to try it with."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from local.servers.worker import NOWHERE, ROOT
from local.supervisor.http_check import answers_ok
from local.supervisor.ports import LOOPBACK
from local.supervisor.roles import Role

ANOTHERS = ("TEMPORAL_", "COMPLAINTS_OIDC_", "COMPLAINTS_LOCAL", "COMPLAINTS_KEY", "COMPLAINTS_AUDIT")


def intake(
    directory: Path,
    *,
    port: int,
    temporal_address: str,
    database_url: str,
    keys: Mapping[str, str],
    metrics: str | None = None,
    letters: Path | None = None,
    sign_in: Mapping[str, str] = NOWHERE,
) -> Role:
    """Return the role: ready once it answers at `port`; its key is in `directory`/intake-key.

    `keys`: settings of the key ring. `metrics`: the address of its metrics. `letters`: the folder of the letters'
    sender, for previews. `sign_in`: the settings by which staff sign in.
    """
    environment = {
        # Whatever the terminal says of another Temporal, and of another identity provider, is not meant for this one.
        **{name: value for name, value in os.environ.items() if not name.startswith(ANOTHERS)},
        "TEMPORAL_ADDRESS": temporal_address,
        "COMPLAINTS_DATABASE_URL": database_url,
        "COMPLAINTS_INTAKE": f"{LOOPBACK}:{port}",
        "COMPLAINTS_INTAKE_METRICS": metrics or "",
        "COMPLAINTS_LETTERS": str(letters or ""),
        **keys,
        **sign_in,
    }
    return Role(
        name="intake",
        command=[sys.executable, "-m", "local.servers.keyed_intake", str(key_file(directory))],
        env=environment,
        cwd=ROOT,
        ready=lambda _: answers_ok(port, "/readyz"),
        waits_for_others=True,
        stop_patience=20.0,  # it answers what is under way first
    )


def key_file(directory: Path) -> Path:
    return directory / "intake-key"
