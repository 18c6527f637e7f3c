"""Preview a recalculation of open dates, or run it and show its progress."""

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
from complaints.records.stale_calendars import list_stale
from complaints.temporal.calls import query_workflow
from workflows import names
from workflows.recalendar import RecalendarRun, RecalendarWorkflow

WORKFLOW_ID = "run:recalendar"
"""One run at a time: a second command watches the first one's. No complaint's reference has a colon."""
MAX_NAMED = 10
"""How many of the complaints that were not recalculated a line names."""
POLL_INTERVAL_SECONDS, QUERY_TIMEOUT_SECONDS = 0.5, 5.0
HINT = "the run goes on without this command; repeat it to see the progress"


async def print_preview(connections: Connections, by: str, *, as_json: bool) -> None:
    """Print how the dates of each complaint with a stale calendar would change."""
    async with connections.record() as engine, aclosing(list_stale(engine, by=by)) as complaints:
        acts = ((complaint.carried.reference, complaint.act) async for complaint in complaints)
        printer = DatePreviewPrinter(as_json=as_json)
        async for previews in previews_in_batches(engine, acts):
            printer.add(previews)
        printer.end()


async def recalculate_all(connections: Connections, by: str, *, as_json: bool) -> None:
    """Run the recalculation and wait for its end.

    Raises CommandError if some complaints were left out.
    """
    client = await connections.temporal()
    handle = await call_workflow(start(client, by, connections.context.settings.task_queue), "repeat the command")
    run = await _watch(handle, show=not as_json and sys.stderr.isatty())
    if as_json:
        print_json(run)
    else:
        out.print(f"Recalculated the dates of {plural(run.tally.redated, 'complaint')}.")
    if lines := _left_out(run.tally):
        raise CommandError(Exit.FAILED, *lines, "Find out why, then repeat the command.")


def _left_out(tally: Tally) -> list[str]:
    left_out = {"refused it": tally.refused, "have no workflow": tally.gone, "did not answer": tally.unanswered}
    return [
        f"{len(references)} {reason}: {', '.join(references[:MAX_NAMED])}{' …' if len(references) > MAX_NAMED else ''}"
        for reason, references in left_out.items()
        if references
    ]


async def start(client: Client, by: str, task_queue: str) -> WorkflowHandle[RecalendarWorkflow, RecalendarRun]:
    return await client.start_workflow(
        RecalendarWorkflow.run,
        RecalendarRun(by=by),
        id=WORKFLOW_ID,
        task_queue=task_queue,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        static_summary="Recalculate every open date",
    )


async def _watch(handle: WorkflowHandle[RecalendarWorkflow, RecalendarRun], *, show: bool) -> RecalendarRun:
    """Wait until the run ends, also while no worker runs; show a progress bar if `show`."""
    ended = asyncio.create_task(handle.result())
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), disable=not show, transient=True) as bar:
        task = bar.add_task("recalculating", total=None)
        while not ended.done():
            try:
                async with asyncio.timeout(QUERY_TIMEOUT_SECONDS):
                    run = await query_workflow(handle, names.PROGRESS_QUERY, RecalendarRun)
                bar.update(task, total=run.total, completed=run.tally.processed, description="recalculating")
            except (TimeoutError, RPCError, WorkflowQueryFailedError, WorkflowQueryRejectedError):
                bar.update(task, description="no worker answers; waiting")
            await asyncio.wait([ended], timeout=POLL_INTERVAL_SECONDS)
    try:
        return await ended
    except WorkflowFailureError as error:
        cause = error.cause.cause if isinstance(error.cause, ActivityError) else error.cause
        if isinstance(cause, ApplicationError) and cause.type in set(Code):
            raise refused(str(cause.type), cause.message) from error
        raise CommandError(Exit.FAILED, f"the recalculation failed: {cause}") from error
    except RPCError as error:
        raise unreachable(f"Temporal: {error.message}; {HINT}") from error
