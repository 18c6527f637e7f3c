"""Count and log the events of complaints.

Both are silent during a replay. Neither names a person: the record has the actor, under the reference and the event's
number.
"""

import logging
from collections import Counter
from collections.abc import Sequence

from temporalio import workflow

from complaints.metrics.catalogue import ACTS, LAPSES, REFUSALS
from complaints.metrics.metric import Metric
from complaints.procedure.acts import ACT_NAMES, Act
from complaints.procedure.enums import EventKind
from complaints.procedure.refusals import Refusal
from complaints.procedure.state import ComplaintState, Event

LOGGED_EVENTS = (
    EventKind.OPENED,
    EventKind.REMINDED,
    EventKind.LAPSED,
    EventKind.CHASED,
    EventKind.ESCALATED_ON_LAPSE,
    EventKind.WINDOW_ENDED,
    EventKind.CLOSED,
    EventKind.REOPENED,
    EventKind.REVIVED,
)
"""The events that are logged, in addition to acts and refusals."""
MAX_LOG_LINES = 20
"""Limit for each call, as ten thousand signals and their lines must fit into a task's two seconds."""

log = workflow.LoggerAdapter(logging.getLogger(__name__), None)
log.workflow_info_on_message = False


def report_events(state: ComplaintState, seen: int) -> None:
    """Count and log all events after number `seen`, before they are recorded."""
    if workflow.unsafe.is_replaying():
        return
    events = [event for event in state.events if event.sequence > seen]
    _count(state, events)
    _log(events)


def _count(state: ComplaintState, events: Sequence[Event]) -> None:
    acts = Counter(event.kind for event in events if event.kind in ACT_NAMES)
    for act, times in acts.items():
        _add(ACTS, {"act": act}, times)
    refusals = Counter(_refusal_labels(event) for event in events if event.kind == EventKind.REFUSED)
    for (act, code), times in refusals.items():
        _add(REFUSALS, {"act": act, "code": code}, times)
    for event in events:
        if event.kind == EventKind.LAPSED:
            _add(LAPSES, _lapse_labels(state, event))


def _lapse_labels(state: ComplaintState, event: Event) -> dict[str, str]:
    """Return the labels of a lapse: the tier, and the kind of deadline."""
    number = event.detail.get("deadline")
    for deadline in state.deadlines:
        if deadline.number == number:
            return {"tier": deadline.tier, "of": str(deadline.kind)}
    return {"tier": "", "of": "undertaking"}


def report_refusal(act: Act, refusal: Refusal) -> None:
    """Count and log a refusal that is not recorded."""
    labels = {"act": act.name, "code": str(refusal.code)}
    _add(REFUSALS, labels)
    log.info("refused", extra=labels)


def _log(events: Sequence[Event]) -> None:
    logged = [event for event in events if event.kind in (*ACT_NAMES, *LOGGED_EVENTS, EventKind.REFUSED)]
    for event in logged[:MAX_LOG_LINES]:
        if event.kind == EventKind.REFUSED:
            act, code = _refusal_labels(event)
            log.info("refused", extra={"sequence": event.sequence, "act": act, "code": code})
        elif event.kind in ACT_NAMES:
            log.info("taken", extra={"sequence": event.sequence, "act": event.kind})
        else:
            log.info("happened", extra={"sequence": event.sequence, "kind": event.kind})
    if len(logged) > MAX_LOG_LINES:
        log.info("and more at once", extra={"further": len(logged) - MAX_LOG_LINES})


def _refusal_labels(event: Event) -> tuple[str, str]:
    return str(event.detail["act"]), str(event.detail["code"])


def _add(metric: Metric, labels: dict[str, str], times: int = 1) -> None:
    """Add to a counter. An event may count twice where a worker dies within a task."""
    metric.counter(workflow.metric_meter()).add(times, labels)
