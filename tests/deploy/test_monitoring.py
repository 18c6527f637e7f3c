"""Alerts have cases, severities and runbooks; rules and board query metrics that exist."""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest
import yaml

from complaints.metrics.catalogue import METRICS

ROOT = Path(__file__).parents[2]
PROMETHEUS = ROOT / "deploy" / "prometheus"
GRAFANA = ROOT / "deploy" / "grafana"
RULES = [rule for group in yaml.safe_load((PROMETHEUS / "rules.yml").read_text())["groups"] for rule in group["rules"]]
ALERTS = {rule["alert"]: rule for rule in RULES if "alert" in rule}
CASES = yaml.safe_load((PROMETHEUS / "rules_test.yml").read_text())["tests"]
BOARD = json.loads((GRAFANA / "complaints.json").read_text())
RUNBOOKS = (ROOT / "docs" / "runbooks.md").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
SEVERITIES = {"page", "ticket"}
OF_PROMETHEUS = {"up", "ALERTS"}
"""Series that Prometheus makes itself."""
SUFFIXES = ("_seconds_bucket", "_seconds_sum", "_seconds_count", "_total", "")
"""What the endpoint adds to a name of the SDK."""

needs_promtool = pytest.mark.skipif(
    not shutil.which("promtool"), reason="promtool is not installed: install Debian's package prometheus to run this"
)


def promtool(*arguments: str | Path) -> None:
    done = subprocess.run(["promtool", *arguments], check=False, capture_output=True, text=True)  # noqa: S603, S607
    assert done.returncode == 0, done.stdout + done.stderr


@needs_promtool
def test_promtool_accepts_the_configuration_and_its_rules() -> None:
    promtool("check", "config", PROMETHEUS / "prometheus.yml")


@needs_promtool
def test_every_case_of_the_rules_passes() -> None:
    promtool("test", "rules", PROMETHEUS / "rules_test.yml")


@needs_promtool
def test_every_query_of_the_board_is_valid(tmp_path: Path) -> None:
    queries = [re.sub(r"\$__rate_interval", "5m", query) for query in board_queries()]
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(queries)]
    file = tmp_path / "board.yml"
    file.write_text(json.dumps({"groups": [{"name": "board", "rules": rules}]}))
    promtool("check", "rules", file)


def test_prometheus_scrapes_the_services_of_compose_where_they_listen() -> None:
    jobs = yaml.safe_load((PROMETHEUS / "prometheus.yml").read_text())["scrape_configs"]
    scraped = {
        job["job_name"]: (names, config["port"])
        for job in jobs
        for config in job["dns_sd_configs"]
        for names in [config["names"]]
    }
    assert scraped == {
        "complaints-worker": (["worker", "worker-next"], 9464),
        "complaints-intake": (["intake"], 9464),
        "temporal": (["temporal"], 9090),
    }
    assert COMPOSE["temporal"]["environment"]["PROMETHEUS_ENDPOINT"] == "0.0.0.0:9090"
    assert COMPOSE["worker"]["environment"]["COMPLAINTS_METRICS"] == "0.0.0.0:9464"
    assert COMPOSE["intake"]["environment"]["COMPLAINTS_INTAKE_METRICS"] == "0.0.0.0:9464"


def test_monitoring_starts_only_with_its_profile_and_mounts_what_exists() -> None:
    services = {name: COMPOSE[name] for name in ("prometheus", "grafana")}
    assert [service["profiles"] for service in services.values()] == [["monitoring"]] * 2
    mounts = [volume.split(":")[0] for service in services.values() for volume in service["volumes"]]
    assert [path for path in mounts if path.startswith(".") and not (ROOT / path).exists()] == []


@pytest.mark.parametrize("alert", ALERTS)
def test_an_alert_has_a_case_a_severity_and_a_runbook(alert: str) -> None:
    rule = ALERTS[alert]
    assert rule["labels"]["severity"] in SEVERITIES
    assert rule["annotations"]["summary"]
    page, _, heading = rule["annotations"]["runbook"].partition("#")
    assert page == "docs/runbooks.md"
    section = re.search(rf"(?ims)^## {heading.replace('-', ' ')}\n\n(.*?)(?=^## |\Z)", RUNBOOKS)
    assert section, f"there is no heading for {heading}"
    assert section[1].startswith(f"`{rule['labels']['severity']}`.")
    assert re.findall(r"^\*\*(.+?):\*\*", section[1], re.MULTILINE) == ["Who waits", "See it", "Put it right"]
    assert any(f'alertname="{alert}"' in labels for labels in expected_labels())


def test_every_runbook_belongs_to_an_alert() -> None:
    headings = set(re.findall(r"^## (.+)$", RUNBOOKS, re.MULTILINE))
    named = {rule["annotations"]["runbook"].partition("#")[2] for rule in ALERTS.values()}
    assert {heading.lower().replace(" ", "-") for heading in headings} - named == {
        "set-up",
        "how-the-alerts-work-together",
    }


def test_rules_and_board_query_only_metrics_that_exist() -> None:
    recorded = {rule["record"] for rule in RULES if "record" in rule}
    ours = {series for metric in METRICS for series in metric.series}
    queries = [rule["expr"] for rule in RULES] + list(board_queries())
    used = {name for query in queries for name in metrics_in(query)}
    unknown = used - recorded - ours - OF_PROMETHEUS
    assert {name for name in unknown if not the_sdk_knows(name)} == set()


def test_queries_filter_and_group_our_metrics_by_labels_that_exist() -> None:
    labels = {series: {*metric.labels, "job", "instance", "le"} for metric in METRICS for series in metric.series}
    queries = [rule["expr"] for rule in RULES] + list(board_queries())
    wrong = [
        f"{name}{{{label}}}"
        for query in queries
        for name, selector in re.findall(r"\b(\w+)\{([^}]*)\}", re.sub(r'"[^"]*"', '""', query))
        if name in labels
        for label in re.findall(r"(\w+)\s*[=!]", selector)
        if label not in labels[name]
    ]
    assert wrong == []


def test_the_board_has_three_parts_from_top_to_bottom() -> None:
    rows = [panel for panel in BOARD["panels"] if panel["type"] == "row"]
    assert [row["title"] for row in rows] == ["Is the promise kept?", "Is anything stuck?", "How loaded is it?"]
    assert [row["gridPos"]["y"] for row in rows] == sorted(row["gridPos"]["y"] for row in rows)
    assert [panel["title"] for panel in BOARD["panels"] if panel["type"] != "row" and not panel["description"]] == []


def test_the_page_about_scale_has_queries_of_metrics_that_exist() -> None:
    queries = queries_of_scale()
    ours = {series for metric in METRICS for series in metric.series}
    unknown = {name for query in queries for name in metrics_in(query)} - ours
    assert len(queries) > 8
    assert {name for name in unknown if not the_sdk_knows(name)} == set()


@needs_promtool
def test_every_query_of_the_page_about_scale_is_valid(tmp_path: Path) -> None:
    rules = [{"record": f"query:{number}", "expr": query} for number, query in enumerate(queries_of_scale())]
    file = tmp_path / "scale.yml"
    file.write_text(json.dumps({"groups": [{"name": "scale", "rules": rules}]}))
    promtool("check", "rules", file)


def queries_of_scale() -> list[str]:
    """Return the queries of the symptoms in docs/scale.md."""
    _, _, section = (ROOT / "docs" / "scale.md").read_text("utf-8").partition("## When to add which")
    symptoms = [line.split(" | ")[0] for line in section.splitlines() if line.startswith("| ")]
    quoted = [query for symptom in symptoms for query in re.findall(r"`([^`]+)`", symptom)]
    return [query for query in quoted if re.search(r"[({]", query)]


def board_queries() -> Iterator[str]:
    return (target["expr"] for panel in BOARD["panels"] for target in panel.get("targets", []))


def expected_labels() -> list[str]:
    """Return the labels of every alert that a case expects."""
    samples: list[dict[str, Any]] = [
        sample for case in CASES for check in case["promql_expr_test"] for sample in check.get("exp_samples", [])
    ]
    return [sample["labels"] for sample in samples]


def metrics_in(query: str) -> set[str]:
    """Return the names of the series that a query reads."""
    bare = re.sub(r'"[^"]*"', "", query)
    bare = re.sub(r"\b(by|on|without|ignoring|group_left)\s*\([^)]*\)", "", bare)
    bare = re.sub(r"\{[^}]*\}|\[[^\]]*\]", "", bare)
    words = set(re.findall(r"(?<![\w$.])[a-zA-Z_:][\w:]*(?![\w:])(?!\s*\()", bare))
    return words - {"and", "or", "unless"}


def the_sdk_knows(name: str) -> bool:
    """Return whether Temporal's SDK has this metric: its library holds the names as literals."""
    if not name.startswith("temporal_"):
        return False
    package = find_spec("temporalio.bridge")
    assert package
    assert package.submodule_search_locations
    library = b"".join(file.read_bytes() for file in Path(package.submodule_search_locations[0]).glob("*.so"))
    stems = {name.removeprefix("temporal_").removesuffix(suffix) for suffix in SUFFIXES if name.endswith(suffix)}
    return any(stem.encode() in library for stem in stems - {name.removeprefix("temporal_")} or stems)


def test_a_gauge_is_aggregated_as_its_text_says_so_that_replicas_do_not_add_up() -> None:
    how = {
        metric.name: said[1].lower()
        for metric in METRICS
        if (said := re.search(r"\buse (max|min|sum)\b", metric.help, re.IGNORECASE))
    }
    assert {"complaints_open": "max", "complaints_unrecorded": "sum"}.items() <= how.items()
    wrong = [
        query
        for query in [*(rule["expr"] for rule in RULES), *board_queries()]
        for name in metrics_in(query) & how.keys()
        for found in re.finditer(rf"\b{name}\b", query)
        if not re.search(rf"\b{how[name]}( by \([^)]*\))? ?\($", query[: found.start()])
    ]
    assert wrong == []
