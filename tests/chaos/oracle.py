"""The same life without a server: what must have happened to a complaint, given what it was told, and when."""

from collections.abc import Iterator, Sequence

from complaints.procedure.acts import ACT_NAMES
from complaints.procedure.complaint import Complaint
from complaints.procedure.state import Event, Start
from complaints.procedure.terms import Code, EventKind
from tests.chaos.told import Told


class Violation(Exception):  # noqa: N818 (it is no error of the harness)
    """What was expected, and what is."""


def relive(start: Start, told: Sequence[Told], recorded: Sequence[Event]) -> Complaint:
    """Each act in the order in which Temporal had it, at the instant at which the record says that it came.

    So every act told must be on the record exactly once, and in this order. Raises Violation.
    """
    complaint = Complaint.open(start, recorded[0].at)
    came = _came(recorded)
    for each in told:
        if each.act and each.act.id in complaint.state.answers:
            continue
        event = next(came, None)
        if event is None:
            raise Violation(f"Temporal took {each}; it is not on the record")
        if each.act:
            complaint.apply(each.act, event.at)
        else:
            code = Code(event.detail["code"])
            complaint.refuse(each.name[:100], None, code, event.what.partition(" refused: ")[2], event.at)
    if surplus := next(came, None):
        raise Violation(f"nobody told what is on the record: {surplus}")
    complaint.elapse(max(event.at for event in recorded))
    return complaint


def _came(recorded: Sequence[Event]) -> Iterator[Event]:
    """What came from outside; all else happens by itself."""
    return (event for event in recorded if event.kind in ACT_NAMES or event.kind == EventKind.REFUSED)
