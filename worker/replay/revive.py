"""Start again, from the record, complaints whose workflows were terminated, failed or lost.

Run `python -m worker revive`. It may be stopped and repeated: a complaint that runs is left alone.
"""

import asyncio
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.exceptions import WorkflowAlreadyStartedError

from complaints.formatting.plural import plural
from complaints.records import queries
from complaints.records.transitions import RecordedReferenceTakenError, RecordForkedError, write_transition
from starter.client.start_complaint import start_from_record
from worker.replay.accepted_acts import acts_without_answer
from worker.replay.forks import find_fork
from worker.replay.not_running import LatestRun, find_latest_run
from worker.replay.recorded_transitions import ReplayedTransitions, only, replay_transitions
from worker.replay.restart import (
    NothingToStartError,
    NotStartableError,
    describe_acts,
    describe_lost_events,
    read_startable,
    sort_acts,
)
from worker.replay.settled_letters import SettledLetters

MAX_CONCURRENT = 20
"""Complaints revived at a time."""

Report = Callable[[str], None]


@dataclass
class Revived:
    """The result: references of complaints, by outcome."""

    started: set[str] = field(default_factory=set)
    """Started from the record, or to be started in a dry run."""
    running: set[str] = field(default_factory=set)
    """They ran already."""
    not_needed: set[str] = field(default_factory=set)
    """Closed for good, anonymised or erased."""
    to_look_at: set[str] = field(default_factory=set)
    """A person must look at them, started or not."""


class Reviver:
    """Revive complaints of one task queue. `now` is the real clock.

    `with_webhook`: alerts that were not recorded yet also go to the webhook.
    `report` gets a line for all that a person must look at, and `on_started` one for each complaint.
    """

    def __init__(
        self,
        client: Client,
        engine: AsyncEngine,
        task_queue: str,
        report: Report,
        *,
        now: Callable[[], datetime],
        on_started: Report = lambda _line: None,
        with_webhook: bool = False,
        dry_run: bool = False,
    ) -> None:
        self._client = client
        self._engine = engine
        self._task_queue = task_queue
        self._report = report
        self._now = now
        self._on_started = on_started
        self._with_webhook = with_webhook
        self._dry_run = dry_run
        self.result = Revived()

    async def revive(self, references: Sequence[str], on_progress: Callable[[], None] = lambda: None) -> Revived:
        """Revive each complaint that needs it. Raises RPCError, RecordUnreachableError, RecordError."""
        limit = asyncio.Semaphore(MAX_CONCURRENT)

        async def revive(reference: str) -> None:
            async with limit:
                await self._revive(reference)
            on_progress()

        try:
            async with asyncio.TaskGroup() as group:
                for reference in references:
                    group.create_task(revive(reference))
        except ExceptionGroup as errors:
            raise errors.exceptions[0] from errors
        return self.result

    async def _revive(self, reference: str) -> None:
        run = await find_latest_run(self._client, reference)
        if run and run.task_queue != self._task_queue:
            self._look_at(reference, f"Temporal has it on the task queue {run.task_queue}, not on {self._task_queue}")
        elif run and run.is_running:
            self.result.running.add(reference)
        else:
            try:
                await self._start(reference, run)
            except NothingToStartError:
                self.result.not_needed.add(reference)
            except (NotStartableError, RecordedReferenceTakenError, RecordForkedError) as error:
                self._look_at(reference, str(error))

    async def _start(self, reference: str, run: LatestRun | None) -> None:
        history = await self._history_of(reference) if run else None
        fork = await self._record_missing(history) if history else None
        read = await read_startable(self._engine, reference, self._now())
        unanswered = await acts_without_answer(self._client, history.runs, read.state.answers) if history else []
        if self._dry_run and history and fork is None:  # the record would have been completed first
            unanswered = [each for each in unanswered if history.last and each.act_id not in history.last.state.answers]
        pending, left = ([], unanswered) if fork else sort_acts(unanswered)
        if not self._dry_run:
            try:
                await start_from_record(
                    self._client,
                    read,
                    self._task_queue,
                    replaces=run.run_id if run else None,
                    agreed=fork - 1 if fork else None,
                    pending=pending,
                )
            except WorkflowAlreadyStartedError:
                self.result.running.add(reference)
                return
        self.result.started.add(reference)
        became = f"its workflow {run.fate}" if run else "Temporal has no workflow for it"
        started = "to be started" if self._dry_run else "started"
        given = f", with {plural(len(pending), 'act')} that nobody had applied" if pending else ""
        self._on_started(f"{reference}: {became}; {started} again after event {read.recorded}{given}")
        for line in (*describe_lost_events(read), *describe_acts(reference, left, read.state.answers)):
            self._look_at(reference, line)

    async def _history_of(self, reference: str) -> ReplayedTransitions | None:
        """Replay the runs that Temporal has.

        None: none of them has completed a workflow task.
        """
        async for replayed in replay_transitions(self._client, only(reference), self._task_queue):
            if replayed.failure:
                self._look_at(
                    reference, f"its history does not replay, so it starts from the record: {replayed.failure}"
                )
            return replayed
        return None

    async def _record_missing(self, history: ReplayedTransitions) -> int | None:
        """Record what the ended workflow had not recorded. Return where it differs from the record.

        None: it does not.
        """
        recorded = await queries.read_events(self._engine, history.reference)
        if fork := find_fork(history, recorded):
            return fork
        missing = [
            transition
            for transition in sorted(
                (*history.transitions, *history.unrecorded()), key=lambda transition: transition.sequence
            )
            if any(event.sequence not in recorded for event in transition.events)
        ]
        if missing and not self._dry_run:
            letters = await SettledLetters.of(self._client, self._task_queue, self._now())
            owed = await letters.of_transitions(missing)
            with_webhook = self._with_webhook or owed.with_webhook
            for transition in missing:
                await write_transition(self._engine, transition, with_webhook=with_webhook, settled=owed.results)
        return None

    def _look_at(self, reference: str, line: str) -> None:
        self.result.to_look_at.add(reference)
        self._report(f"{reference}: {line}")


async def revive_with_progress(reviver: Reviver, references: Sequence[str]) -> Revived:
    """Revive complaints, with a progress bar on a terminal. Raises as `Reviver.revive` does."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task("reviving", total=len(references))
        return await reviver.revive(references, lambda: bar.advance(task))
