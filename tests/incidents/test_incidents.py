"""`make incidents` makes an incident for every alert, with the shipped rules."""

import re
import subprocess
import sys
from pathlib import Path

import yaml

from incidents.incidents import INCIDENTS
from incidents.prometheus import RULES, shortened_rules


def alerts_in(rules: str) -> dict[str, dict[str, object]]:
    groups = yaml.safe_load(rules)["groups"]
    return {rule["alert"]: rule for group in groups for rule in group["rules"] if "alert" in rule}


def test_every_alert_has_an_incident() -> None:
    assert sorted(incident.alert for incident in INCIDENTS) == sorted(alerts_in(RULES.read_text()))


def test_the_rules_of_a_run_differ_from_the_shipped_ones_by_numbers_only() -> None:
    shipped, shortened = RULES.read_text(), shortened_rules()
    assert shipped != shortened
    assert re.sub(r"\b\d+[a-z]?\b", "N", shipped) == re.sub(r"\b\d+[a-z]?\b", "N", shortened)
    assert {str(rule["for"]) for rule in alerts_in(shortened).values()} == {"5s", "20s"}


def test_without_prometheus_it_says_which_package_to_install(tmp_path: Path) -> None:
    program = (sys.executable, "-m", "incidents")
    done = subprocess.run(program, check=False, capture_output=True, text=True, env={"PATH": str(tmp_path)})  # noqa: S603
    assert (done.returncode, done.stderr) == (
        1,
        "Error: Prometheus is not installed; install Debian's package prometheus\n",
    )
