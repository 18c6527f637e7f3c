"""Predict a complaint's state with the pure procedure, from the acts that it accepted."""

from collections.abc import Iterator, Sequence

from chaos.accepted_acts import AcceptedAct
from complaints.procedure.acts import ACT_NAMES
from complaints.procedure.complaint import Complaint
from complaints.procedure.directory_lookup import DirectoryResult
from complaints.procedure.enums import Alert, Code, EventKind
from complaints.procedure.state import Event, Start
from tests.fixtures.staff import DIRECTORY_RESULT

ASSIGNMENT_ALERTS = (Alert.NOBODY_TO_HOLD, Alert.NO_CASE_HANDLER)
"""Alerts that follow an answer of the directory, if the complaint awaits one."""


class Violation(Exception):  # noqa: N818 (it is no error of the harness)
    """An invariant does not hold. The message has the expected and the actual value."""


def simulate(start: Start, accepted: Sequence[AcceptedAct], recorded: Sequence[Event]) -> Complaint:
    """Apply the accepted acts in Temporal's order, at the instants of their recorded events.

    So each accepted act must be on the record exactly once, in this order. The directory's answers are read from
    the record. Raises Violation.
    """
    complaint = Complaint.open(start, recorded[0].at)
    external = _external_events(recorded)
    for each in accepted:
        if each.act and each.act.id in complaint.state.answers and not complaint.taken_id(each.act):
            continue
        event = _next_external(complaint, external)
        if event is None:
            raise Violation(f"Temporal accepted {each}; it is not on the record")
        if each.act:
            complaint.apply(each.act, event.at, DIRECTORY_RESULT)
        else:
            code = Code(event.detail["code"])
            complaint.refuse(each.name[:100], None, code, event.free_text.get("sentence", ""), event.at)
    if surplus := _next_external(complaint, external):
        raise Violation(f"on the record, but not accepted by Temporal: {surplus}")
    complaint.elapse(max(event.at for event in recorded))
    return complaint


def _external_events(recorded: Sequence[Event]) -> Iterator[Event]:
    """Filter the events that input or the directory caused; all others are derived."""
    return (e for e in recorded if e.kind in ACT_NAMES or e.kind == EventKind.REFUSED or _is_from_directory(e))


def _is_from_directory(event: Event) -> bool:
    return event.detail.get("occasion") in (*ASSIGNMENT_ALERTS, Alert.HOLDER_AWAY) or (
        event.kind == EventKind.GIVEN_TO and "reason" in event.detail
    )


def _next_external(complaint: Complaint, external: Iterator[Event]) -> Event | None:
    """Apply the directory's answers up to the next act or refusal, and return its event."""
    for event in external:
        if not _is_from_directory(event):
            return event
        complaint.elapse(event.at)
        if event.detail.get("occasion") in ASSIGNMENT_ALERTS and not complaint.state.awaits_assignment:
            continue
        for deadline in complaint.state.deadlines:  # that a holder is available leaves no event
            deadline.holder_check_pending = deadline.number == event.detail.get("deadline")
        query = complaint.directory_query((), event.at)
        if query is None:
            raise Violation(f"the complaint has no query for the directory, but: {event}")
        assignee = event.detail["to"] if event.kind == EventKind.GIVEN_TO else None
        is_available = event.detail.get("occasion") != Alert.HOLDER_AWAY
        complaint.apply_directory_result(
            query, DirectoryResult(assignee=assignee, holder_available=is_available), event.at
        )
    return None
