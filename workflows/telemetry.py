"""Tells those who watch what happens to complaints: figures for Prometheus and lines for the log.

Both say nothing while a history is replayed. Neither names a person: who acted stands on the record, under the
reference and the number of the event.
"""

import logging
from collections import Counter
from collections.abc import Sequence

from temporalio import workflow

with workflow.unsafe.imports_passed_through():
    from complaints.procedure.acts import ACT_NAMES, Act
    from complaints.procedure.enums import EventKind
    from complaints.procedure.refusals import Refusal
    from complaints.procedure.state import ComplaintState, Event

ACTS_TAKEN, REFUSALS, LAPSES = "complaints_acts", "complaints_refusals", "complaints_lapses"
COUNTED = {
    ACTS_TAKEN: "Acts taken.",
    REFUSALS: "Acts refused, and signals that are none.",
    LAPSES: "Deadlines, targets and undertakings' dates that passed unmet.",
}
"""Prometheus adds `_total` to the names. A worker that dies in the middle of a task may leave one counted twice."""

LOGGED = (
    EventKind.OPENED,
    EventKind.REMINDED,
    EventKind.LAPSED,
    EventKind.CHASED,
    EventKind.ESCALATED_ON_LAPSE,
    EventKind.WINDOW_ENDED,
    EventKind.CLOSED,
    EventKind.REOPENED,
)
"""Besides acts and refusals."""
LINES_AT_ONCE = 20
"""Ten thousand signals must fit into the two seconds that a workflow task may take, and their lines with them."""

log = workflow.LoggerAdapter(logging.getLogger(__name__), None)
log.workflow_info_on_message = False


def observe(state: ComplaintState, seen: int) -> None:
    """All that has happened since the event numbered `seen`, at once and not only when it is recorded."""
    if workflow.unsafe.is_replaying():
        return
    happened = [event for event in state.events if event.sequence > seen]
    _count(state, happened)
    _log(happened)


def _count(state: ComplaintState, happened: Sequence[Event]) -> None:
    acts = Counter(event.kind for event in happened if event.kind in ACT_NAMES)
    for act, times in acts.items():
        _add(ACTS_TAKEN, {"act": act}, times)
    refusals = Counter(_refused(event) for event in happened if event.kind == EventKind.REFUSED)
    for (act, code), times in refusals.items():
        _add(REFUSALS, {"act": act, "code": code}, times)
    for event in happened:
        if event.kind == EventKind.LAPSED:
            _add(LAPSES, _lapsed(state, event))


def _lapsed(state: ComplaintState, event: Event) -> dict[str, str]:
    """At which tier, and what was not done."""
    number = event.detail.get("deadline")
    for deadline in state.deadlines:
        if deadline.number == number:
            return {"tier": deadline.tier, "of": str(deadline.kind)}
    return {"tier": "", "of": "undertaking"}


def observe_refusal(act: Act, refusal: Refusal) -> None:
    """One that only its sender hears."""
    labels = {"act": act.name, "code": str(refusal.code)}
    _add(REFUSALS, labels)
    log.info("refused", extra=labels)


def _log(happened: Sequence[Event]) -> None:
    told = [event for event in happened if event.kind in (*ACT_NAMES, *LOGGED, EventKind.REFUSED)]
    for event in told[:LINES_AT_ONCE]:
        if event.kind == EventKind.REFUSED:
            act, code = _refused(event)
            log.info("refused", extra={"sequence": event.sequence, "act": act, "code": code})
        elif event.kind in ACT_NAMES:
            log.info("taken", extra={"sequence": event.sequence, "act": event.kind})
        else:
            log.info("happened", extra={"sequence": event.sequence, "kind": event.kind})
    if len(told) > LINES_AT_ONCE:
        log.info("and more at once", extra={"further": len(told) - LINES_AT_ONCE})


def _refused(event: Event) -> tuple[str, str]:
    """Act and code. What a stranger called an act is not passed on."""
    name = str(event.detail["act"])
    return name if name in ACT_NAMES else "unknown", str(event.detail["code"])


def _add(name: str, labels: dict[str, str], times: int = 1) -> None:
    workflow.metric_meter().create_counter(name, COUNTED[name]).add(times, labels)
