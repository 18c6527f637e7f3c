"""Shows what counting afresh would change, or has it done and shows how far it is."""

import asyncio
import sys
from contextlib import aclosing

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.service import RPCError

from activities.recalendar import Tally
from admin.shared.connections import Connections, call_workflow
from admin.shared.date_preview import DatePreviewPrinter, previews_in_batches
from admin.shared.errors import CommandError, Exit, refused, unreachable
from admin.shared.output import out, print_json
from complaints.formatting.plural import plural
from complaints.procedure.enums import Code
from complaints.records.stale_calendars import stale
from complaints.temporal.calls import query_workflow
from workflows import names
from workflows.recalendar import RecalendarRun, RecalendarWorkflow

WORKFLOW_ID = "run:recalendar"
"""One run at a time; whoever asks for another meanwhile watches this one. No complaint's reference has a colon."""
NAMED = 10
"""How many of those that were not told are named."""
LOOK_EVERY, LOOK_WITHIN = 0.5, 5.0
"""Seconds."""
HINT = "the run goes on by itself; give the same command again to see how far it is"


async def print_preview(reach: Connections, by: str, *, as_json: bool) -> None:
    """Raises CommandError."""
    async with reach.record() as engine, aclosing(stale(engine, by=by)) as those:
        acts = ((each.carried.reference, each.act) async for each in those)
        shown = DatePreviewPrinter(as_json=as_json)
        async for foreseen in previews_in_batches(engine, acts):
            shown.add(foreseen)
        shown.end()


async def redate(reach: Connections, by: str, *, as_json: bool) -> None:
    """Raises CommandError: some complaints were not told."""
    client = await reach.temporal()
    handle = await call_workflow(start(client, by, reach.context.settings.task_queue), "give the same command again")
    run = await _watch(handle, show=not as_json and sys.stderr.isatty())
    if as_json:
        print_json(run)
    else:
        out.print(f"{plural(run.tally.redated, 'complaint has', 'complaints have')} had all dates counted afresh.")
    if lines := _left(run.tally):
        raise CommandError(Exit.FAILED, *lines, "See why, then give the same command again.")


def _left(tally: Tally) -> list[str]:
    left = {"refused it": tally.refused, "have no workflow": tally.gone, "did not answer": tally.unanswered}
    return [
        f"{len(some)} {what}: {', '.join(some[:NAMED])}{' …' if len(some) > NAMED else ''}"
        for what, some in left.items()
        if some
    ]


async def start(client: Client, by: str, task_queue: str) -> WorkflowHandle[RecalendarWorkflow, RecalendarRun]:
    return await client.start_workflow(
        RecalendarWorkflow.run,
        RecalendarRun(by=by),
        id=WORKFLOW_ID,
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        static_summary="every open date is counted afresh",
    )


async def _watch(handle: WorkflowHandle[RecalendarWorkflow, RecalendarRun], *, show: bool) -> RecalendarRun:
    """Until it ends, whatever becomes of workers meanwhile."""
    ended = asyncio.create_task(handle.result())
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not show, transient=True) as bar:
        task = bar.add_task("counting afresh", total=None)
        while not ended.done():
            try:
                async with asyncio.timeout(LOOK_WITHIN):
                    run = await query_workflow(handle, names.PROGRESS_QUERY, RecalendarRun)
                bar.update(task, total=run.total, completed=run.tally.seen, description="counting afresh")
            except (TimeoutError, RPCError, WorkflowQueryFailedError, WorkflowQueryRejectedError):
                bar.update(task, description="no worker answers; waiting")
            await asyncio.wait([ended], timeout=LOOK_EVERY)
    try:
        return await ended
    except WorkflowFailureError as error:
        cause = error.cause.cause if isinstance(error.cause, ActivityError) else error.cause
        if isinstance(cause, ApplicationError) and cause.type in set(Code):
            raise refused(str(cause.type), cause.message) from error
        raise CommandError(Exit.FAILED, f"the run has ended before its time: {cause}") from error
    except RPCError as error:
        raise unreachable(f"Temporal: {error.message}; {HINT}") from error
