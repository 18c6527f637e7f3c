"""Compare the record with Temporal's histories, and write what the record lacks.

Run `python -m worker reconcile` after a restore of PostgreSQL. Missing transitions are written as a worker writes
them, but what went since the backup is not sent again. No recorded event is changed.
"""

from collections.abc import AsyncIterable, Callable, Collection, Iterable
from dataclasses import dataclass, field
from itertools import groupby

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.records import queries
from complaints.records.restores.repeated_erasure import is_erased
from complaints.records.transitions import RecordedReferenceTakenError, is_same_event, write_transition
from complaints.runtime.clock import now
from worker.replay.fetch_histories import list_references
from worker.replay.forks import resolve_forks
from worker.replay.not_running import list_not_running
from worker.replay.recorded_transitions import ReplayedTransitions, only, replay_transitions
from worker.replay.repeated_erasures import delete_erased_runs, repeat_anonymisations, repeat_erasures
from worker.replay.restored_record import RestoredRecord
from worker.replay.settled_letters import SettledLetters

Report = Callable[[str], None]


@dataclass
class Reconciliation:
    """The result: references of complaints, by finding."""

    compared: set[str] = field(default_factory=set)
    incomplete: set[str] = field(default_factory=set)
    """The record lacked something; it was written, unless this was a dry run."""
    different: set[str] = field(default_factory=set)
    """Something else differs; a person must look at it."""
    restarted: set[str] = field(default_factory=set)
    """They had forked, and go on from the record, unless this was a dry run."""
    may_have_forked: set[str] = field(default_factory=set)
    """Temporal has another course, or an older one, than the record."""


async def reconcile(
    client: Client,
    engine: AsyncEngine,
    task_queue: str,
    report: Report,
    *,
    dry_run: bool = False,
    is_restored: bool = False,
) -> Reconciliation:
    """Compare every complaint of the task queue with its record; report differences.

    A complaint of which Temporal has another or an older course than the record goes on from the record.
    `is_restored`: somebody knows that the record was restored; else it is marked so where it lacks what it had.
    Needs no worker. Raises RPCError, RecordUnreachableError and RecordError.
    """
    result = Reconciliation()
    letters = await SettledLetters.of(client, task_queue, now())

    def note_failing(reference: str, why: str) -> None:
        result.different.add(reference)
        report(f"{reference}: {why}")

    async def note_lines(lines: AsyncIterable[tuple[str, str]]) -> None:
        async for reference, line in lines:
            result.incomplete.add(reference)
            report(f"{reference}: {line}")

    at, restored = now(), RestoredRecord(engine, report, dry_run=dry_run)
    if is_restored:
        await restored.mark()
    await note_lines(repeat_erasures(client, engine, task_queue, at, restored, dry_run=dry_run))
    await note_lines(delete_erased_runs(client, engine, task_queue, at, dry_run=dry_run))
    async for replayed in replay_transitions(
        client, list_references(client, engine, task_queue), task_queue, note_failing
    ):
        result.compared.add(replayed.reference)
        for line in await _compare(replayed, client, engine, task_queue, letters, restored, result, dry_run=dry_run):
            report(f"{replayed.reference}: {line}")
    await note_lines(letters.settle_unsent(engine, restored, dry_run=dry_run))
    await note_lines(repeat_anonymisations(client, engine, task_queue, restored, dry_run=dry_run))
    forks = await resolve_forks(client, engine, task_queue, result.may_have_forked, report, now=now, dry_run=dry_run)
    result.restarted = forks.restarted
    result.different |= forks.to_look_at | (result.may_have_forked - forks.restarted)
    async for reference, run in list_not_running(client, engine, task_queue):
        if run is None or not run.is_running:
            became = f"its workflow {run.fate}" if run else "Temporal has no workflow for it"
            note_failing(reference, f"open on the record, but {became}; run python -m worker revive {reference}")
        elif reference not in result.compared:
            note_failing(reference, f"open on the record, but its workflow runs on the task queue {run.task_queue}")
    await restored.finish()
    return result


async def _compare(
    replayed: ReplayedTransitions,
    client: Client,
    engine: AsyncEngine,
    task_queue: str,
    letters: SettledLetters,
    restored: RestoredRecord,
    result: Reconciliation,
    *,
    dry_run: bool,
) -> list[str]:
    """Write what is missing, unless this is a dry run; return the differences."""
    if replayed.failure:
        result.different.add(replayed.reference)
        return [f"cannot be compared, as it does not replay: {replayed.failure}"]
    recorded = await queries.read_events(engine, replayed.reference)
    events = replayed.events
    differing = [
        number for number, event in events.items() if number in recorded and not is_same_event(event, recorded[number])
    ]
    if differing:
        result.may_have_forked.add(replayed.reference)
        return [f"{_numbered(differing)} on the record differ from Temporal's history, and were left as they are"]
    lines = []
    if missing := events.keys() - recorded.keys():
        if await is_erased(engine, replayed.reference):
            return []
        if missing & replayed.recorded:
            await restored.mark()
        lines.append(f"{_numbered(missing)} missing{'' if dry_run else ', recorded again'}")
        result.incomplete.add(replayed.reference)
        try:
            if not dry_run:
                await _write_missing(replayed, missing, engine, letters)
        except RecordedReferenceTakenError as error:
            result.different.add(replayed.reference)
            return [str(error)]
    if lost := replayed.from_earlier - recorded.keys() - events.keys():
        lines.append(f"{_numbered(lost)} missing, from a run that Temporal no longer has")
        result.different.add(replayed.reference)
    ahead = recorded.keys() - events.keys() - replayed.from_earlier
    if ahead and (ahead := ahead - await _replay_again(client, replayed.reference, task_queue)):
        lines.append(f"{_numbered(ahead)} on the record, but not in Temporal")
        result.may_have_forked.add(replayed.reference)
    return lines


async def _write_missing(
    replayed: ReplayedTransitions, missing: Collection[int], engine: AsyncEngine, letters: SettledLetters
) -> None:
    """Write transitions in order, so that each later event may change what an earlier one owes."""
    transitions = [
        transition
        for transition in sorted(replayed.transitions, key=lambda each: each.sequence)
        if any(event.sequence in missing for event in transition.events)
    ]
    owed = await letters.of_transitions(transitions)
    for transition in transitions:
        await write_transition(
            engine, transition, with_webhook=owed.with_webhook, settled=owed.results, may_leave_gap=True
        )


async def _replay_again(client: Client, reference: str, task_queue: str) -> set[int]:
    """Return the events that Temporal has by now, or will have once a task in hand is completed."""
    again = replay_transitions(client, only(reference), task_queue, with_pending_task=True)
    return {number async for replayed in again for number in replayed.all_events}


def _numbered(events: Iterable[int]) -> str:
    """Return for example `events 3, 6 to 9`."""
    runs = [
        [number for _, number in run] for _, run in groupby(enumerate(sorted(events)), lambda each: each[1] - each[0])
    ]
    numbers = ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]} to {run[-1]}" for run in runs)
    return f"event {numbers}" if len(runs) == len(runs[0]) == 1 else f"events {numbers}"
