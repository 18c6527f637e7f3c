"""Predict a complaint's state with the pure procedure, from the acts that it accepted."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from chaos.accepted_acts import AcceptedActs
from complaints.procedure.acts import ACT_NAMES
from complaints.procedure.complaint import Complaint
from complaints.procedure.directory_lookup import DirectoryResult
from complaints.procedure.enums import Alert, Code, EventKind
from complaints.procedure.state import Event, Start
from tests.fixtures.staff import DIRECTORY_RESULT
from worker.replay.accepted_acts import AcceptedAct

ASSIGNMENT_ALERTS = (Alert.NOBODY_TO_HOLD, Alert.NO_CASE_HANDLER)
"""Alerts that follow an answer of the directory, if the complaint awaits one."""


class Violation(Exception):  # noqa: N818 (it is no error of the harness)
    """An invariant does not hold. The message has the expected and the actual value."""


class Simulation(NamedTuple):
    complaint: Complaint
    lost: list[AcceptedAct]
    """What the last chain accepted, and what was not on the record when it ended."""


def simulate(start: Start, chains: Sequence[AcceptedActs], recorded: Sequence[Event]) -> Simulation:
    """Apply the accepted acts in Temporal's order, at the instants of their recorded events.

    So each act that a running chain accepted must be on the record exactly once, in this order. Of a chain that
    ended, that holds for as much as was recorded when the next one began; the rest is lost. The directory's answers
    are read from the record. Raises Violation.
    """
    complaint = Complaint.open(start, recorded[0].at)
    lost: list[AcceptedAct] = []
    for chain, ends_after in _successive(chains, len(recorded)):
        part = recorded[chain.begins_after : ends_after]
        if chain.begins_after and (part or not chain.has_ended):
            complaint.revive(chain.begins_after, _revived_at(chain, part))
        lost = _apply_all(complaint, chain, part)
        complaint.elapse(max((event.at for event in part), default=recorded[0].at))
    return Simulation(complaint, lost)


def _revived_at(chain: AcceptedActs, recorded: Sequence[Event]) -> datetime:
    revived = next((event for event in recorded if event.kind == EventKind.REVIVED), None)
    if revived is None:
        raise Violation(f"the complaint goes on after event {chain.begins_after}; that is not on the record")
    return revived.at


def _successive(chains: Sequence[AcceptedActs], recorded: int) -> list[tuple[AcceptedActs, int]]:
    """Choose the chains that follow one another, each with its last event on the record.

    A chain that began no earlier than a later one has been replaced by it: both are copies of one chain.
    """
    chosen: list[tuple[AcceptedActs, int]] = []
    ends_after = recorded
    for chain in reversed(chains):
        if chain.begins_after < ends_after or chain is chains[-1]:
            chosen.insert(0, (chain, ends_after))
            ends_after = chain.begins_after
    return chosen


def _apply_all(complaint: Complaint, chain: AcceptedActs, recorded: Sequence[Event]) -> list[AcceptedAct]:
    """Apply what a chain accepted. Return what is not on the record: nothing, if it runs."""
    external = _external_events(recorded)
    lost: list[AcceptedAct] = []
    for each in chain.acts:
        if each.act and each.act.id in complaint.state.answers and not complaint.taken_id(each.act):
            continue
        event = _next_external(complaint, external)
        if event is None and not chain.has_ended:
            raise Violation(f"Temporal accepted {each}; it is not on the record")
        if event is None:
            lost.append(each)
        elif each.act:
            complaint.apply(each.act, event.at, DIRECTORY_RESULT)
        else:
            code = Code(event.detail["code"])
            complaint.refuse(each.name[:100], None, code, event.free_text.get("sentence", ""), event.at)
    if surplus := _next_external(complaint, external):
        raise Violation(f"on the record, but not accepted by Temporal: {surplus}")
    return lost


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
