"""Send every query of the Grafana board to a real Prometheus."""

import json
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlencode

from local.supervisor.ports import LOOPBACK

BOARD = Path(__file__).parents[1] / "deploy" / "grafana" / "complaints.json"
RATE_INTERVAL = "30s"
"""What Grafana would put in place of its variable."""


def check_board(port: int) -> tuple[list[str], list[str]]:
    """Return the titles of the panels that Prometheus refuses, and of those without data."""
    refused, empty = [], []
    for panel in json.loads(BOARD.read_text())["panels"]:
        for target in panel.get("targets", []):
            try:
                found = _query(port, target["expr"].replace("$__rate_interval", RATE_INTERVAL))
            except urllib.error.HTTPError as error:
                refused.append(f"{panel['title']}: {error.read().decode()}")
            else:
                empty += [] if found else [panel["title"]]
    return refused, list(dict.fromkeys(empty))


def _query(port: int, query: str) -> list[object]:
    address = f"http://{LOOPBACK}:{port}/api/v1/query?{urlencode({'query': query})}"
    with urllib.request.urlopen(address, timeout=10) as answer:
        found: list[object] = json.load(answer)["data"]["result"]
    return found
