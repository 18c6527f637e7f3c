"""Plan and run the anonymisation of expired complaints."""

from datetime import date, datetime, timedelta

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.asked_for import NotAskedForError
from activities.retention import AnonymisedBatch, RetentionPlan, RetentionRequest, RetentionRun
from complaints.channels.post_room import PostRoom
from complaints.procedure.dates.calendar import zone
from complaints.procedure.policy import Policy
from complaints.records.administration.runs import Run, claim_run, find_run, finish_run
from complaints.records.erasure import anonymise
from complaints.records.personal.encryption import destroy_keys
from complaints.records.retention import count_expired, list_expired
from complaints.records.tables import RunKind
from worker.scheduled_runs import ScheduledRuns

BATCH_SIZE = 200
"""Complaints anonymised in one transaction."""
NOTICE_DAYS = 31
"""From the notice on 1 March to the anonymisation on 1 April, when the reporting year begins."""
REASON = "kept for as long as the policy {policy} says"
SCHEDULE = "retention"


class Anonymiser:
    """`policy` gives the periods. A complaint's keys and its letters in `post_room` go with it."""

    def __init__(self, client: Client, engine: AsyncEngine, policy: Policy, post_room: PostRoom | None) -> None:
        self._runs = ScheduledRuns(client, engine)
        self._engine = engine
        self._policy = policy
        self._post_room = post_room

    async def plan(self, request: RetentionRequest, at: datetime) -> RetentionPlan:
        """Claim the run, and count the complaints that have expired, by kind.

        Raises NotAskedForError, RecordUnreachableError, RPCError.
        """
        if request.run is None:
            on = _day(self._policy, at)
            run = await self._runs.claim(RunKind.RETENTION, SCHEDULE, on, request.workflow_run, at)
        else:
            claimed = await claim_run(self._engine, request.run, request.workflow_run)
            run = _require_retention(claimed, request.run)
        return await plan_of(self._engine, self._policy, run)

    async def anonymise(self, request: RetentionRun, at: datetime) -> AnonymisedBatch:
        """Anonymise one batch; keys first, so that an attempt after a failure does it again.

        Raises NotAskedForError, RecordUnreachableError, OSError.
        """
        run = await require_run(self._engine, request)
        if at < anonymises_at(run):
            raise NotAskedForError(f"the notice of {run.id} ends on {_day(self._policy, anonymises_at(run))}")
        on = _day(self._policy, run.asked_at)
        complaints = list_expired(self._engine, self._policy, on, then="anonymise", limit=BATCH_SIZE, not_of=run.by)
        references = [complaint.reference async for complaint in complaints]
        why = REASON.format(policy=f"{self._policy.id} {self._policy.version}")
        if references:
            for reference in references:
                await destroy_keys(self._engine, reference, run.by, why, at)
            if self._post_room:
                await self._post_room.delete_letters(references)
            await anonymise(self._engine, references, at, run.by, why)
        return AnonymisedBatch(references=references, why=why, at=at, by=run.by)

    async def finish(self, request: RetentionRun, at: datetime) -> None:
        """Let no workflow go on with the run. Raises NotAskedForError, RecordUnreachableError."""
        run = await find_run(self._engine, request.run)
        if run and run.finished_at:  # an attempt before
            return
        await finish_run(self._engine, (await require_run(self._engine, request)).id, at)


async def require_run(engine: AsyncEngine, request: RetentionRun) -> Run:
    """Return the run that the workflow carries out.

    Raises NotAskedForError, RecordUnreachableError.
    """
    run = await find_run(engine, request.run)
    is_its_own = run and run.workflow_run == request.workflow_run and run.finished_at is None
    return _require_retention(run if is_its_own else None, request.run)


async def plan_of(engine: AsyncEngine, policy: Policy, run: Run) -> RetentionPlan:
    """Count what has expired on the run's day. Raises RecordUnreachableError."""
    on = _day(policy, run.asked_at)
    plan = RetentionPlan(run=run.id, on=on, notice_days=0 if run.by else NOTICE_DAYS)
    for kind, then, number in await count_expired(engine, policy, on):
        (plan.review if then == "review" else plan.anonymise)[kind] = number
    return plan


def anonymises_at(run: Run) -> datetime:
    """Return when the run may anonymise: a Schedule's after its notice."""
    return run.asked_at if run.by else run.asked_at + timedelta(days=NOTICE_DAYS)


def _require_retention(run: Run | None, run_id: str) -> Run:
    if run is None or run.kind is not RunKind.RETENTION:
        raise NotAskedForError(f"nobody asked for the run {run_id}, or it is finished, or another workflow has it")
    return run


def _day(policy: Policy, at: datetime) -> date:
    return at.astimezone(zone(policy.time_zone)).date()
