"""Preview a recalculation of open dates, or run it and show its progress."""

import asyncio
import sys
from contextlib import aclosing
from typing import TypeVar

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from temporalio.client import (
    Client,
    WorkflowFailureError,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
)
from temporalio.exceptions import ActivityError, ApplicationError
from temporalio.service import RPCError

from activities.recalendar import Tally
from admin.shared.connections import Connections, call_workflow
from admin.shared.date_preview import DatePreviewPrinter
from admin.shared.errors import CommandError, Exit, refused, unreachable
from admin.shared.output import out, print_json
from complaints.formatting.plural import plural
from complaints.procedure.enums import Code
from complaints.records.stale_calendars import list_stale
from complaints.temporal.calls import WorkflowEndedError, query_workflow
from starter.service.administration.date_previews import preview_in_batches
from starter.service.administration.recalendar import start
from workflows import names
from workflows.recalendar import LaterRun, RecalendarRun, RecalendarWorkflow

Run = TypeVar("Run", RecalendarRun, LaterRun)
MAX_NAMED = 10
"""How many of the complaints that were not recalculated a line names."""
POLL_INTERVAL_SECONDS, QUERY_TIMEOUT_SECONDS = 0.5, 5.0
HINT = "the run goes on without this command; repeat it to see the progress"


async def print_preview(connections: Connections, by: str, *, as_json: bool) -> None:
    """Print how the dates of each complaint with a stale calendar would change."""
    async with connections.record() as engine, aclosing(list_stale(engine, by=by)) as complaints:
        acts = ((complaint.carried.reference, complaint.act) async for complaint in complaints)
        printer = DatePreviewPrinter("calendar", as_json=as_json)
        async for previews in preview_in_batches(engine, acts):
            printer.add(previews)
        printer.end()


async def recalculate_all(connections: Connections, by: str, *, as_json: bool) -> None:
    """Run the recalculation and wait until every date that changes is recalculated.

    Raises CommandError if some complaints were left out.
    """
    client = await connections.temporal()
    async with connections.record() as engine:
        queue = connections.context.settings.task_queue
        handle = await call_workflow(start(client, engine, by, queue), "repeat the command")
    run = await _watch(handle, show=not as_json and sys.stderr.isatty())
    if as_json:
        print_json(run)
    else:
        out.print(f"Recalculated the dates of {plural(run.tally.redated, 'complaint')}.")
        if run.later:
            out.print(
                f"{run.later:,} more get the calendar only for the dates that they set later; this goes on in the "
                "background. See how far: complaints recalendar --progress"
            )
    _check_left_out(run.tally)


async def print_progress(connections: Connections, *, as_json: bool) -> None:
    """Print how far the last run is, and the one for later dates after it.

    Raises CommandError if some complaints were left out.
    """
    client = await connections.temporal()
    run = await _find_run(client, names.RECALENDAR_ID, RecalendarRun)
    later = await _find_run(client, names.RECALENDAR_LATER_ID, LaterRun)
    if as_json:
        runs = {"run": run, "later": later}
        print_json({key: each and each.model_dump(mode="json") for key, each in runs.items()})
    elif run is None and later is None:
        out.print("No run is known. Start one: complaints recalendar --as ID")
    if run and not as_json:
        out.print(f"Dates that change: {_state(run.is_finished)}; {_of(run.tally, run.affected)} recalculated.")
        out.print(f"Only for later dates: {plural(run.later, 'complaint')} of {_number(run.total)} compared.")
    if later and not as_json:
        out.print(f"For later dates: {_state(later.is_finished)}; {_of(later.tally, later.total)} have the calendar.")
    last = later if later and (run is None or run.later) else run  # the later run also has what the first left out
    if last and all(each.is_finished for each in (run, last) if each):
        _check_left_out(last.tally)


def _state(is_finished: bool) -> str:
    return "finished" if is_finished else "running"


def _of(tally: Tally, number: int | None) -> str:
    return f"{tally.processed:,} of {_number(number)}"


def _number(number: int | None) -> str:
    return "a number not yet counted" if number is None else f"{number:,}"


async def _find_run(client: Client, workflow_id: str, run_type: type[Run]) -> Run | None:
    """Ask the last run with this id how far it is; None: Temporal knows none."""
    handle = client.get_workflow_handle(workflow_id)
    try:
        return await call_workflow(
            query_workflow(handle, names.PROGRESS_QUERY, run_type), "start a worker, or try again"
        )
    except WorkflowEndedError as error:
        raise CommandError(Exit.FAILED, f"{workflow_id} failed, or it was ended; repeat the recalculation") from error
    except RPCError:  # NOT_FOUND
        return None


def _check_left_out(tally: Tally) -> None:
    """Raise CommandError if some complaints were left out."""
    left_out = {"refused it": tally.refused, "have no workflow": tally.gone, "did not answer": tally.unanswered}
    lines = [
        f"{len(references)} {reason}: {', '.join(references[:MAX_NAMED])}{' …' if len(references) > MAX_NAMED else ''}"
        for reason, references in left_out.items()
        if references
    ]
    if lines:
        raise CommandError(Exit.FAILED, *lines, "Find out why, then repeat the command.")


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
                doing = f"recalculating {run.tally.processed:,} of {run.affected:,}; compared"
                bar.update(task, total=run.total, completed=run.later + run.tally.processed, description=doing)
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
