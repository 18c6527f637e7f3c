"""Resolve forks, as after a restore of Temporal: complaints go on from the record.

What the record has was answered, recorded and sent, so the record is right. What Temporal alone has taken since is
reported, for a person to give again or to drop.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.procedure.state import Event
from complaints.records import queries
from complaints.records.restores.resumable_state import ResumableState
from worker.replay.accepted_acts import acts_without_answer
from worker.replay.not_running import LatestRun, find_latest_run
from worker.replay.recorded_transitions import ReplayedTransitions, replay_transitions
from worker.replay.restart import (
    NothingToStartError,
    describe_acts,
    describe_lost_events,
    read_startable,
    replace_by_record,
)

SETTLE_SECONDS = 2.0
"""A workflow task that has recorded something commits within this time, or is done again."""

Report = Callable[[str], None]


@dataclass
class Forks:
    restarted: set[str] = field(default_factory=set)
    """Complaints that went on from the record, or would in a dry run."""
    to_look_at: set[str] = field(default_factory=set)
    """Complaints with an act to give again or to drop."""


def find_fork(replayed: ReplayedTransitions, recorded: Mapping[int, Event]) -> int | None:
    """Return the first event that only the record has, or has otherwise; None: there is none.

    Another wording alone, as of another version of the product, is no fork.
    """
    events = replayed.all_events
    last = max(events, default=replayed.begins_after)
    for number, event in sorted(recorded.items()):
        if number > last or (number in events and _identity(event) != _identity(events[number])):
            return number
    return None


async def resolve_forks(
    client: Client,
    engine: AsyncEngine,
    task_queue: str,
    references: set[str],
    report: Report,
    *,
    now: Callable[[], datetime],
    dry_run: bool,
) -> Forks:
    """Start each complaint that has forked again from the record, unless this is a dry run.

    Leaves out those that do not run: see `revive`. Raises RPCError, RecordUnreachableError and RecordError.
    """
    forks = Forks()
    if references:
        await asyncio.sleep(SETTLE_SECONDS)
    async for replayed in replay_transitions(client, _each(sorted(references)), task_queue, with_pending_task=True):
        reference = replayed.reference
        run = await find_latest_run(client, reference)
        fork = find_fork(replayed, await queries.read_events(engine, reference))
        if fork is None or run is None or not run.is_running or run.task_queue != task_queue or replayed.failure:
            continue
        try:
            read = await read_startable(engine, reference, now())
            if fork > read.recorded:  # the events on the record are beyond its own state
                continue
            forks.restarted.add(reference)
            async for line, is_act in _resolve(client, task_queue, replayed, run, read, fork - 1, dry_run=dry_run):
                report(f"{reference}: {line}")
                if is_act:
                    forks.to_look_at.add(reference)
        except NothingToStartError as error:
            forks.restarted.add(reference)
            if not dry_run:
                await client.get_workflow_handle(reference, run_id=run.run_id).terminate(f"on the record, {error}")
            report(f"{reference}: on the record, {error}; its workflow {'is to be' if dry_run else 'was'} terminated")
    return forks


async def _resolve(
    client: Client,
    task_queue: str,
    replayed: ReplayedTransitions,
    run: LatestRun,
    read: ResumableState,
    agreed: int,
    *,
    dry_run: bool,
) -> AsyncIterator[tuple[str, bool]]:
    """Yield lines, each with whether it is an act to give again or to drop."""
    reference, answers = replayed.reference, read.state.answers
    for line in describe_acts(reference, await acts_without_answer(client, replayed.runs, answers), answers):
        yield line, True
    if dry_run:
        yield f"to be started again from the record, after event {read.recorded}", False
        return
    for line in describe_acts(
        reference, await replace_by_record(client, read, task_queue, run.run_id, agreed, replayed.runs), answers
    ):
        yield line, True
    yield f"started again from the record, after event {read.recorded}", False
    for line in describe_lost_events(read):
        yield line, False


def _identity(event: Event) -> tuple[object, ...]:
    return event.kind, event.at, event.by


async def _each(references: Iterable[str]) -> AsyncIterator[str]:
    for reference in references:
        yield reference
