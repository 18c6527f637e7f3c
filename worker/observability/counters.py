"""Create each counter of the workflows with the value 0.

Prometheus sees no increase where a counter begins with 1.
"""

from collections.abc import Iterator

from temporalio.common import MetricMeter

from complaints.metrics import catalogue
from complaints.metrics.metric import Metric
from complaints.procedure.acts import ACT_NAMES
from complaints.procedure.enums import DeadlineKind
from complaints.procedure.policy import Policy
from worker.observability.possible_refusals import possible_refusals
from workflows import names


def create_counters(meter: MetricMeter, policy: Policy, namespace: str, task_queue: str) -> None:
    """Create the counters, with the labels that Temporal adds in a workflow."""
    common = dict(zip(catalogue.WORKFLOW_LABELS, (namespace, task_queue, names.WORKFLOW), strict=True))
    for metric, labels in _series(policy):
        metric.counter(meter).add(0, labels | common)


def _series(policy: Policy) -> Iterator[tuple[Metric, dict[str, str]]]:
    for act in ACT_NAMES:
        yield catalogue.ACTS, {"act": act}
    for act, code in possible_refusals():
        yield catalogue.REFUSALS, {"act": act, "code": str(code)}
    for tier in policy.tiers:
        for kind in DeadlineKind:
            yield catalogue.LAPSES, {"tier": tier.id, "of": str(kind)}
    yield catalogue.LAPSES, {"tier": "", "of": "undertaking"}
