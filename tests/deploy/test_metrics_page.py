"""The page of metrics agrees with the catalogue, and its objectives with the buckets."""

import re
from pathlib import Path

from complaints.metrics.catalogue import INTAKE_REQUEST_SECONDS, LAPSE_LATENESS, LETTER_DELAY, METRICS, WORKFLOW_LABELS
from complaints.metrics.metric import Metric

PAGE = (Path(__file__).parents[2] / "docs" / "metrics.md").read_text()
OF_TEMPORALS_SERVER = {"service_latency_bucket", "service_latency_count"}


def row_of(metric: Metric) -> str:
    labels = [label for label in metric.labels if label not in WORKFLOW_LABELS]
    name = metric.name + (f"{{{','.join(labels)}}}" if labels else "")
    return f"| `{name}` | {metric.kind} | {', '.join(metric.served_by)} | {metric.help} |"


def test_the_page_lists_every_metric_and_no_other() -> None:
    _, _, rows = PAGE.partition("## Catalogue")
    assert re.findall(r"^\| `.*\|$", rows, re.MULTILINE) == [row_of(metric) for metric in METRICS]


def test_the_limit_of_each_objective_is_the_limit_of_a_bucket() -> None:
    limits = {LAPSE_LATENESS: 60, INTAKE_REQUEST_SECONDS: 1, LETTER_DELAY: 900}
    for metric, limit in limits.items():
        assert limit in metric.buckets
        assert re.search(rf'{metric.name}_bucket{{[^}}]*le=~"{limit}\|{limit}\.0"', PAGE)


def test_the_objectives_query_only_series_that_exist() -> None:
    series = {name for metric in METRICS for name in metric.series}
    queries = "".join(re.findall(r"```promql\n(.*?)```", PAGE, re.DOTALL))
    assert set(re.findall(r"increase\((\w+)", queries)) <= series | OF_TEMPORALS_SERVER
