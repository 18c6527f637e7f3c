"""Temporal's server from a wheel, with its web page, on the loopback; it can skip time."""

import json
import os
import signal
import sysconfig
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from complaints.temporal.search_attribute_types import SEARCH_ATTRIBUTES
from local.servers.codec import codec_url
from local.supervisor.http_check import answers_ok
from local.supervisor.ports import LOOPBACK
from local.supervisor.roles import Role

HTTP_HOST = "temporal.invalid"
"""The only `Host` that the server's HTTP API answers: no browser sends it, as the name has no address (RFC 6761)."""
MAX_HISTORY_BYTES = 256 * 1024 * 1024
"""Then the server terminates a workflow. A complaint continues as new at 4 MB, but not in the midst of a flood."""
NOTHING: Mapping[str, str] = MappingProxyType({})

_DYNAMIC_CONFIG = {
    # Time skipping, by its name in this server and in the next ones.
    "frontend.WorkflowTimeSkippingEnabled": "true",
    "system.workflowTimeSkippingEnabled": "true",
    # Otherwise every timer which is skipped takes a second of real time.
    "history.timerProcessorMaxTimeShift": '"10ms"',
    "history.timerProcessorMaxPollRPS": "2000",
    "history.timerProcessorMaxPollHostRPS": "5000",
    # Whatever comes through the door (4 MB) can be sent back: the answer to an update that is refused holds the update,
    # and above this limit the server would not take it, nor anything that the complaint does in the same task.
    "limit.blobSize.error": "4194304",
    # A flood of such signals must not terminate a complaint, which it does above the default of 50 MB.
    "limit.historySize.error": str(MAX_HISTORY_BYTES),
    # A page of any site could otherwise make a browser post acts: this API takes them without JSON's content type.
    "frontend.httpAllowedHosts": json.dumps([HTTP_HOST]),
}

PROGRAM = Path(sysconfig.get_path("scripts")) / "temporal"
"""Installed into the same folder as this Python."""


def temporal(
    directory: Path,
    *,
    port: int,
    ui_port: int | None = None,
    http_port: int | None = None,
    codec_port: int | None = None,
    throw_away: bool = False,
    dynamic_config: Mapping[str, str] = NOTHING,
) -> Role:
    """Return the role of Temporal's server; give `ui_port`, `http_port` or both.

    `ui_port` None: without its web page. The page checks neither Host nor Origin, so its port must be one that
    browsers block; `temporal_page` makes it available. `http_port` None: any port.
    `codec_port`: of the codec server, by which the page shows payloads in clear.

    Its data is `directory`/temporal.sqlite; with `throw_away` it is in memory, and the server stops at once.
    `dynamic_config` holds Temporal's own keys, with values as JSON. With an `http_port` it is ready a second
    earlier, as the web page is slow to find its own server.
    """
    command = [
        str(PROGRAM),
        *("server", "start-dev", "--ip", LOOPBACK, "--port", str(port)),
        *(("--headless",) if ui_port is None else ("--ui-port", str(ui_port))),
        *("--log-level", "warn", "--disable-config-env", "--disable-config-file", "--ui-disable-news-fetch"),
    ]
    if codec_port is not None:
        command += ["--ui-codec-endpoint", codec_url(codec_port)]
    for name, value in {**_DYNAMIC_CONFIG, **dynamic_config}.items():
        command += ["--dynamic-config-value", f"{name}={value}"]
    for name, kind in SEARCH_ATTRIBUTES.items():
        command += ["--search-attribute", f"{name}={kind}"]
    if not throw_away:
        command += ["--db-filename", str(database_file(directory))]
    if http_port is not None:
        command += ["--http-port", str(http_port)]
    return Role(
        name="temporal",
        command=command,
        env=os.environ,
        cwd=directory,
        # The namespace exists; its search attributes are registered by then.
        ready=lambda _: _has_namespace(ui_port, http_port),
        stop_signal=signal.SIGKILL if throw_away else signal.SIGTERM,
    )


def _has_namespace(ui_port: int | None, http_port: int | None) -> bool:
    path = "/api/v1/namespaces/default"
    if http_port is not None:
        return answers_ok(http_port, path, host=HTTP_HOST)
    assert ui_port is not None, "it has either port"
    return answers_ok(ui_port, path)


def database_file(directory: Path) -> Path:
    """Return the file of a `temporal` role's database; SQLite's other files begin with its name."""
    return directory / "temporal.sqlite"
