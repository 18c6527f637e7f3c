"""The identity provider as a role of the stack, and the settings of its service."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from local.servers.worker import ROOT
from local.supervisor.http_check import answers_ok
from local.supervisor.ports import LOOPBACK
from local.supervisor.roles import Role

AUDIENCE, CLIENT_ID = "complaints", "complaints-script"


def sign_in(directory: Path, *, port: int) -> Role:
    """Return the role: ready once it answers at `port`; its key is in `directory`/sign-in-key."""
    return Role(
        name="sign-in",
        command=[sys.executable, "-m", "local.sign_in.server", str(port), str(directory / "sign-in-key")],
        env=os.environ,
        cwd=ROOT,
        ready=lambda _: answers_ok(port, "/jwks", host=f"{LOOPBACK}:{port}"),
    )


def sign_in_settings(port: int) -> Mapping[str, str]:
    """Return the settings by which the intake service takes the provider's tokens."""
    return {
        "COMPLAINTS_LOCAL": "1",
        "COMPLAINTS_OIDC_ISSUER": f"http://{LOOPBACK}:{port}",
        "COMPLAINTS_OIDC_AUDIENCE": AUDIENCE,
        "COMPLAINTS_OIDC_CLIENT_ID": CLIENT_ID,
    }
