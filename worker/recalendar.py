"""Find complaints with a stale calendar, and recalculate them.

The calendar in force is that of the holidays package, with the amendments on the record.
"""

import asyncio
from contextlib import aclosing
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio import activity
from temporalio.client import Client
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from activities.asked_for import NotAskedForError
from activities.recalendar import ComparedComplaints, RecalendarBatch, RecalendarClaim, Tally
from complaints.calendars.builder import further_years
from complaints.procedure.acts import Recalendar
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.enums import Code
from complaints.procedure.policy import Policy
from complaints.records.administration.runs import Run, claim_run, find_run, finish_run
from complaints.records.calendar_amendments import list_amendments, list_calendars
from complaints.records.stale_calendars import RecalendarBuilder, find_affected, list_stale
from complaints.records.tables import RunKind
from complaints.runtime.clock import monotonic, now
from complaints.temporal.calls import CannotAnswerError, NoAnswerError, TemporalUnavailableError
from complaints.temporal.summaries import fit_summary
from starter.client.send_act import ActRefusedError, send_update
from workflows import names
from workflows.recalendar import LaterRun, RecalendarLaterWorkflow

NO_STAFF = "nobody"
"""The actor of acts that are built to compare calendars, and never sent."""
BATCH_SIZE = 100
MAX_COMPARED = 1_000
"""In one activity; it ends earlier with a batch to recalculate."""
COMPARED_AT_A_TIME = 20
"""Their states are read in the event loop, which must not wait for long."""


class Pace(NamedTuple):
    """How fast complaints are recalculated."""

    concurrent: int
    pause: float
    """The pause after each answer, as a multiple of the time that the answer took."""


URGENT = Pace(concurrent=10, pause=0)
"""For dates that change. It leaves capacity for other work."""
LATER = Pace(concurrent=2, pause=1)
"""For later dates. The busier the worker, the longer the pauses."""
AUTHORISATION_CODES = frozenset({Code.UNKNOWN_STAFF, Code.INACTIVE_STAFF, Code.UNCONFIRMED, Code.WRONG_ROLE})
"""Refusals of the actor: all complaints would give the same, each with an alert. The run ends."""
ANSWER_TIMEOUT_SECONDS = 30.0
"""A complaint that does not answer delays no other."""


class Recalculation:
    """Implements the activities of `activities.recalendar` and `activities.calendar`."""

    def __init__(self, client: Client, engine: AsyncEngine) -> None:
        self._client = client
        self._engine = engine

    async def further_years(self, policy: Policy, calendar: WorkingCalendar) -> WorkingCalendar:
        """Compute the years after `calendar`'s last day. Raises RecordUnreachableError."""
        return further_years(policy, calendar, await list_amendments(self._engine, policy.region))

    async def claim(self, claim: RecalendarClaim) -> str:
        """Let a workflow run carry out a run; return who asked for it.

        Raises NotAskedForError, RecordUnreachableError.
        """
        if claim.workflow_run is None:
            return await self._asker(claim.run)
        return _asker(await claim_run(self._engine, claim.run, claim.workflow_run), claim.run)

    async def finish(self, run: str) -> None:
        """Let no workflow go on with a run. Raises RecordUnreachableError."""
        await finish_run(self._engine, run, now())

    async def count_stale(self) -> int:
        """Count the open complaints with a stale calendar. Raises RecordUnreachableError."""
        return sum([1 async for _ in list_stale(self._engine, by=NO_STAFF)])

    async def compare_stale(self, after: str) -> ComparedComplaints:
        """Compare the next complaints: MAX_COMPARED, or fewer if BATCH_SIZE of them are affected.

        Raises RecordUnreachableError.
        """
        compared = ComparedComplaints()
        async with aclosing(list_stale(self._engine, by=NO_STAFF, after=after)) as complaints:
            acts: dict[str, Recalendar] = {}
            async for complaint in complaints:
                acts[complaint.carried.reference] = complaint.act
                if len(acts) == COMPARED_AT_A_TIME:
                    await self._compare(acts, compared)
                    if len(compared.affected) >= BATCH_SIZE or compared.number >= MAX_COMPARED:
                        compared.last = complaint.carried.reference
                        return compared
                    acts = {}
            await self._compare(acts, compared)
        return compared

    async def _compare(self, acts: dict[str, Recalendar], compared: ComparedComplaints) -> None:
        compared.first = compared.first or next(iter(acts), None)
        compared.number += len(acts)
        compared.affected += await find_affected(self._engine, acts, now())

    async def find_stale(self, after: str) -> list[str]:
        """Return the next batch after the reference `after`. Raises RecordUnreachableError."""
        references: list[str] = []
        async with aclosing(list_stale(self._engine, by=NO_STAFF, after=after)) as complaints:
            async for complaint in complaints:
                references.append(complaint.carried.reference)
                if len(references) == BATCH_SIZE:
                    break
        return references

    async def redate(self, batch: RecalendarBatch) -> Tally:
        """Recalculate each complaint of a batch once, with an update.

        Raises RecordUnreachableError, TemporalUnavailableError, NotAskedForError, and a non-retryable
        ApplicationError where the actor may not do it.
        """
        builder = RecalendarBuilder(self._engine, await self._asker(batch.run), batch.run)
        pace = URGENT if batch.is_urgent else LATER
        limit = asyncio.Semaphore(pace.concurrent)

        async def redate(reference: str, act: Recalendar | None) -> Tally:
            async with limit:
                begun = monotonic()
                tally = await self._redate_one(reference, act)
                await asyncio.sleep(pace.pause * (monotonic() - begun))
                return tally

        carried = await list_calendars(self._engine, batch.references)
        acts = {each.reference: await builder.build(each) for each in carried}
        return sum(await asyncio.gather(*(redate(*item) for item in acts.items())), Tally())

    async def start_later(self, run: str) -> None:
        """Start the run for later dates. A run that still continues is for an earlier calendar.

        Raises NotAskedForError, RecordUnreachableError, RPCError.
        """
        await self._asker(run)
        await self._client.start_workflow(
            RecalendarLaterWorkflow.run,
            LaterRun(run=run),
            id=names.RECALENDAR_LATER_ID,
            task_queue=activity.info().task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.TERMINATE_EXISTING,
            id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
            static_summary=fit_summary("Give the calendar in force to complaints whose dates it does not change"),
        )

    async def _asker(self, run: str) -> str:
        found = await find_run(self._engine, run)
        return _asker(found if found and found.finished_at is None else None, run)

    async def _redate_one(self, reference: str, act: Recalendar | None) -> Tally:
        """Send the act. None: the calendar is current by now, as after a worker's death."""
        if act is None:
            return Tally(redated=1)
        try:
            await send_update(self._client, reference, act, ANSWER_TIMEOUT_SECONDS)
        except ActRefusedError as error:
            code, sentence = error.refusal.code, error.refusal.sentence
            if code == Code.ALREADY_DONE:
                return Tally(redated=1)
            if code in AUTHORISATION_CODES:
                raise ApplicationError(sentence, type=code, non_retryable=True) from error
            return Tally(refused=[reference])
        except CannotAnswerError:
            return Tally(refused=[reference])
        except TemporalUnavailableError:
            raise  # the activity is retried
        except NoAnswerError:
            return Tally(unanswered=[reference])
        except RPCError:  # NOT_FOUND
            return Tally(gone=[reference])
        return Tally(redated=1)


def _asker(run: Run | None, run_id: str) -> str:
    """Return who asked for a recalculation. Raises NotAskedForError."""
    if run is None or run.kind is not RunKind.RECALENDAR or run.by is None:
        raise NotAskedForError(f"nobody asked for the run {run_id}, or it is finished, or another workflow has it")
    return run.by
