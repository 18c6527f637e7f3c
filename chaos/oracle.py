"""The same life without a server: what must have happened to a complaint, given what it was told, and when."""

from collections.abc import Iterator, Sequence

from chaos.accepted_acts import Told
from complaints.procedure.acts import ACT_NAMES
from complaints.procedure.complaint import Complaint
from complaints.procedure.directory_lookup import DirectoryResult
from complaints.procedure.enums import Alert, Code, EventKind
from complaints.procedure.state import Event, Start
from tests.fixtures.staff import KNOWN

HEARD = (Alert.NOBODY_TO_HOLD, Alert.HOLDER_AWAY)
"""What is told after the directory has answered."""


class Violation(Exception):  # noqa: N818 (it is no error of the harness)
    """What was expected, and what is."""


def relive(start: Start, told: Sequence[Told], recorded: Sequence[Event]) -> Complaint:
    """Each act in the order in which Temporal had it, at the instant at which the record says that it came.

    So every act told must be on the record exactly once, and in this order. What the directory found besides, the
    record says too. Raises Violation.
    """
    complaint = Complaint.open(start, recorded[0].at)
    came = _came(recorded)
    for each in told:
        if each.act and each.act.id in complaint.state.answers:
            continue
        event = _next_told(complaint, came)
        if event is None:
            raise Violation(f"Temporal took {each}; it is not on the record")
        if each.act:
            complaint.apply(each.act, event.at, KNOWN)
        else:
            code = Code(event.detail["code"])
            complaint.refuse(each.name[:100], None, code, event.what.partition(" refused: ")[2], event.at)
    if surplus := _next_told(complaint, came):
        raise Violation(f"nobody told what is on the record: {surplus}")
    complaint.elapse(max(event.at for event in recorded))
    return complaint


def _came(recorded: Sequence[Event]) -> Iterator[Event]:
    """What came from outside; all else happens by itself."""
    return (e for e in recorded if e.kind in ACT_NAMES or e.kind == EventKind.REFUSED or _is_heard(e))


def _is_heard(event: Event) -> bool:
    return event.detail.get("occasion") in HEARD or (event.kind == EventKind.GIVEN_TO and "reason" in event.detail)


def _next_told(complaint: Complaint, came: Iterator[Event]) -> Event | None:
    """The next that somebody told, once the complaint has heard what the directory found before."""
    for event in came:
        if not _is_heard(event):
            return event
        complaint.elapse(event.at)
        for deadline in complaint.state.deadlines:  # where the holder was there, nothing is on the record
            deadline.holder_check_pending = deadline.number == event.detail.get("deadline")
        asked = complaint.directory_query((), event.at)
        if asked is None:
            raise Violation(f"the directory had nothing to be asked: {event}")
        chosen = event.detail["to"] if event.kind == EventKind.GIVEN_TO else None
        is_there = event.detail.get("occasion") != Alert.HOLDER_AWAY
        complaint.apply_directory_result(asked, DirectoryResult(assignee=chosen, holder_available=is_there), event.at)
    return None
