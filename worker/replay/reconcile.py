"""`python -m worker reconcile`: whether the record has all that the complaints in Temporal have handed to it.

For the hour after PostgreSQL was restored from a backup. What is missing is written as a worker writes it, so that a
complaint that goes on meanwhile is in nobody's way. What the record has is never changed.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from pydantic_core import from_json
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from complaints.procedure.enums import Status
from complaints.procedure.state import Event
from complaints.records import queries
from complaints.records.database import stored_json
from complaints.records.transitions import RecordedReferenceTakenError, write_transition
from worker.replay.recorded_transitions import ReplayedTransitions, replay_transitions
from workflows import names

LATEST_RUNS = f'WorkflowType = "{names.WORKFLOW}" AND ExecutionStatus != "ContinuedAsNew"'

Tell = Callable[[str], None]


@dataclass
class Reconciliation:
    """The references of the complaints that were compared."""

    compared: set[str] = field(default_factory=set)
    behind: set[str] = field(default_factory=set)
    """The record lacked something, and has it now; after a dry run, it lacks it still."""
    amiss: set[str] = field(default_factory=set)
    """Something else differs, which a person must look at."""


async def reconcile(client: Client, engine: AsyncEngine, tell: Tell, *, dry_run: bool = False) -> Reconciliation:
    """Compare every complaint that Temporal has with its record; `tell` is told of each difference, in a line.

    Needs no worker. Raises RPCError, RecordUnreachableError and RecordError.
    """
    found = Reconciliation()
    async for told in replay_transitions(client, LATEST_RUNS):
        found.compared.add(told.reference)
        for line in await _compare(told, client, engine, found, dry_run=dry_run):
            tell(f"{told.reference}: {line}")
    async for view in queries.views(engine):
        if view.status is Status.CLOSED or view.reference in found.compared:
            continue
        if not await _is_known(client, view.reference):
            found.amiss.add(view.reference)
            tell(f"{view.reference}: open on the record, but Temporal has no workflow for it")
    return found


async def _compare(
    told: ReplayedTransitions, client: Client, engine: AsyncEngine, found: Reconciliation, *, dry_run: bool
) -> list[str]:
    """Mends what can be mended, unless it is a dry run; says what differs."""
    if told.why_not:
        found.amiss.add(told.reference)
        return [f"cannot be compared, for it does not replay: {told.why_not}"]
    recorded = await queries.events(engine, told.reference)
    events = told.events
    differing = [
        number for number, event in events.items() if number in recorded and not _agree(event, recorded[number])
    ]
    if differing:
        found.amiss.add(told.reference)
        return [f"{_numbered(differing)} on the record differ from Temporal's history, and were left as they are"]
    lines = []
    if missing := events.keys() - recorded.keys():
        lines.append(f"{_numbered(missing)} missing{'' if dry_run else ', recorded again'}")
        found.behind.add(told.reference)
        try:
            for transition in told.transitions:
                if not dry_run and any(event.sequence in missing for event in transition.events):
                    await write_transition(engine, transition)
        except RecordedReferenceTakenError as error:
            found.amiss.add(told.reference)
            return [str(error)]
    if lost := set(range(1, told.begins_after + 1)) - recorded.keys() - events.keys():
        lines.append(f"{_numbered(lost)} missing, from a run that Temporal has no longer")
        found.amiss.add(told.reference)
    ahead = recorded.keys() - events.keys() - set(range(1, told.begins_after + 1))
    if ahead and (ahead := ahead - await _told_meanwhile(client, told.reference)):
        lines.append(f"{_numbered(ahead)} on the record, but not in Temporal")
        found.amiss.add(told.reference)
    return lines


async def _told_meanwhile(client: Client, reference: str) -> set[int]:
    """What Temporal tells now: the complaint may have gone on between the two that were compared."""
    latest = f'{LATEST_RUNS} AND WorkflowId = "{reference}"'
    return {number async for told in replay_transitions(client, latest) for number in told.events}


async def _is_known(client: Client, reference: str) -> bool:
    """Asked of Temporal itself, for what it lists is a moment old."""
    try:
        await client.get_workflow_handle(reference).describe()
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            return False
        raise
    return True


def _agree(told: Event, recorded: Event) -> bool:
    return bool(_as_stored(told) == _as_stored(recorded))


def _as_stored(event: Event) -> Any:
    return from_json(stored_json(event.model_dump(exclude={"free_text"})))


def _numbered(events: Iterable[int]) -> str:
    """`events 3, 6 to 9`."""
    runs = [
        [number for _, number in run] for _, run in groupby(enumerate(sorted(events)), lambda each: each[1] - each[0])
    ]
    told = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
    return f"event {told}" if len(runs) == len(runs[0]) == 1 else f"events {told}"
