"""A real Prometheus with the shipped rules, their times shortened for the run."""

import json
import os
import re
import shutil
import urllib.request
from collections.abc import Sequence
from pathlib import Path

from local.supervisor.http_check import answers_ok
from local.supervisor.ports import LOOPBACK
from local.supervisor.roles import Role, StackError

RULES = Path(__file__).parents[1] / "deploy" / "prometheus" / "rules.yml"
SHORTENED = (
    (r"for: 1\dm", "for: 20s"),
    (r"for: \dm", "for: 5s"),
    (r"\[[25]m\]", "[15s]"),
    (r"\(complaints_read_timestamp_seconds\) > 60\b", "(complaints_read_timestamp_seconds) > 5"),
    (r"\(complaints_keys_read_timestamp_seconds\) > 60\b", "(complaints_keys_read_timestamp_seconds) > 12"),
    (r"\(complaints_oldest_due_timestamp_seconds\) > 120\b", "(complaints_oldest_due_timestamp_seconds) > 10"),
    (r"\(complaints_oldest_letter_timestamp_seconds\) > 900\b", "(complaints_oldest_letter_timestamp_seconds) > 20"),
    (r"> 93600\b", "> 60"),
)
"""All that differs from the shipped rules: for how long something lasts. Each line: what is replaced, and by what."""
CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s, evaluation_interval: 1s}}
rule_files: [rules.yml]
scrape_configs:
  - job_name: complaints-worker
    static_configs: [{{targets: [{workers}]}}]
  - job_name: complaints-intake
    static_configs: [{{targets: [{intake}]}}]
"""


def shortened_rules() -> str:
    """Return the rules. Raises ValueError where a line of `SHORTENED` replaces nothing."""
    rules = RULES.read_text()
    for pattern, replacement in SHORTENED:
        rules, count = re.subn(pattern, replacement, rules)
        if not count:
            raise ValueError(f"the rules have no {pattern}")
    return rules


def prometheus_program() -> str:
    """Return its path. Raises StackError where it is not installed."""
    program = shutil.which("prometheus")
    if program is None:
        raise StackError("Prometheus is not installed; install Debian's package prometheus")
    return program


def prometheus(directory: Path, *, port: int, workers: Sequence[str], intake: str) -> Role:
    """Return the role of Prometheus. Raises StackError where it is not installed."""
    home = directory / "prometheus"

    def prepare() -> None:
        home.mkdir(exist_ok=True)
        (home / "rules.yml").write_text(shortened_rules())
        targets = ", ".join(f'"{worker}"' for worker in workers)
        (home / "prometheus.yml").write_text(CONFIG.format(workers=targets, intake=f'"{intake}"'))

    return Role(
        name="prometheus",
        command=[
            prometheus_program(),
            f"--config.file={home / 'prometheus.yml'}",
            f"--storage.tsdb.path={home / 'data'}",
            f"--web.listen-address={LOOPBACK}:{port}",
            "--log.level=warn",
        ],
        env=os.environ,
        cwd=directory,
        prepare=prepare,
        ready=lambda _: answers_ok(port, "/-/ready"),
    )


def read_alerts(port: int) -> set[str]:
    """Return the names of the alerts that fire now."""
    with urllib.request.urlopen(f"http://{LOOPBACK}:{port}/api/v1/alerts", timeout=5) as answer:
        alerts = json.load(answer)["data"]["alerts"]
    return {alert["labels"]["alertname"] for alert in alerts if alert["state"] == "firing"}
