"""The codec server as a role of the stack: Temporal's page shows payloads in clear by it."""

import os
import sys
from collections.abc import Mapping

from local.servers.worker import ROOT
from local.supervisor.http_check import answers_ok
from local.supervisor.ports import LOOPBACK
from local.supervisor.roles import Role

ANOTHERS = ("TEMPORAL_", "COMPLAINTS_OIDC_", "COMPLAINTS_LOCAL", "COMPLAINTS_CODEC")


def codec(*, port: int, page_port: int, database_url: str, keys: Mapping[str, str], sign_in: Mapping[str, str]) -> Role:
    """Return the role: ready once it answers at `port`. `page_port`: of Temporal's page.

    `keys`: the settings of the key ring. `sign_in`: those by which staff sign in; a request without a token sees
    everything.
    """
    environment = {
        # Whatever the terminal says of another Temporal, and of another identity provider, is not meant for this one.
        **{name: value for name, value in os.environ.items() if not name.startswith(ANOTHERS)},
        "COMPLAINTS_DATABASE_URL": database_url,
        "COMPLAINTS_CODEC": f"{LOOPBACK}:{port}",
        "COMPLAINTS_CODEC_ORIGINS": ",".join(page_origins(page_port)),
        **keys,
        **sign_in,
    }
    return Role(
        name="codec",
        command=[sys.executable, "-m", "local.servers.waiting_codec"],
        env=environment,
        cwd=ROOT,
        ready=lambda _: answers_ok(port, "/readyz"),
        waits_for_others=True,
    )


def codec_url(port: int) -> str:
    return f"http://{LOOPBACK}:{port}"


def page_origins(port: int) -> tuple[str, ...]:
    """Return the origins of Temporal's page, by each name of this machine."""
    return f"http://{LOOPBACK}:{port}", f"http://localhost:{port}"
