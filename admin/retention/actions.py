"""List expired complaints; anonymise, hold or erase them."""

import asyncio
from contextlib import aclosing
from datetime import date

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import WorkflowHandle

from admin.shared.connections import Connections, call_workflow
from admin.shared.errors import CommandError, bad_input, refused
from admin.shared.json_stream import print_json_array
from admin.shared.output import humanize_code, instant, out, print_json
from admin.shared.records import print_records
from admin.shared.staff_names import suggest_staff
from complaints.formatting.plural import plural
from complaints.procedure.dates.calendar import zone
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.directory_lookup import DirectoryQuery
from complaints.procedure.enums import Code
from complaints.procedure.erasure_request import ErasureRequest
from complaints.procedure.policy import Policy
from complaints.procedure.refusals import RefusedError
from complaints.procedure.steps.authorization import check_lead
from complaints.records import queries
from complaints.records.directory import answer_query
from complaints.records.erasure import find_tombstone, list_open_undertakings
from complaints.records.retention import ExpiredComplaint, add_hold, list_expired
from complaints.runtime.clock import now
from starter.client.start_run import start_erasure, start_retention
from starter.service.describe_act import describe_complaint
from workflows import names
from workflows.retention import RetentionProgress as Anonymised
from workflows.retention import RetentionWorkflow

ROWS_IN_A_TABLE = 500
HEADINGS = ["reference", "kind", "closed", "kept until", "then"]
POLL_INTERVAL_SECONDS = 0.3


async def print_expired(connections: Connections, policy: Policy, on: date | None, *, as_json: bool) -> None:
    """Print what has expired on a day, else today.

    Raises CommandError if the policy has no retention periods.
    """
    if policy.retention is None:
        raise refused("no_retention", f"{policy.title} does not say how long records are kept.")
    day = on or now().astimezone(zone(policy.time_zone)).date()
    async with connections.record() as engine, aclosing(list_expired(engine, policy, day)) as complaints:
        rows = [complaint async for complaint in complaints]
    if as_json:
        print_json_array(rows)
        return
    for start in range(0, len(rows), ROWS_IN_A_TABLE):
        print_records("", HEADINGS, map(_row, rows[start : start + ROWS_IN_A_TABLE]))
    if not rows:
        out.print(f"None, on {format_date(day)}.")
        return
    have = plural(len(rows), "closed complaint has", "closed complaints have")
    says = f"{policy.id} {policy.version} says on {format_date(day)}"
    out.print(f"{have} been kept for as long as {says}. Nothing has been changed.")


def _row(row: ExpiredComplaint) -> tuple[str, ...]:
    return row.reference, humanize_code(row.kind), format_date(row.closed_on), format_date(row.kept_until), row.then


async def anonymise_all(connections: Connections, by: str, *, as_json: bool) -> None:
    """Run the retention workflow and wait for its end. Raises CommandError."""
    task_queue = connections.context.settings.task_queue
    async with connections.record() as engine:
        await _check_lead(engine, connections, by)
        client = await connections.temporal()
        handle = await call_workflow(start_retention(client, engine, task_queue, by, now()), "run it again")
    done = await _watch(handle)
    if as_json:
        print_json({"anonymised": done})
    else:
        out.print(f"{plural(done, 'complaint')} anonymised.")


async def _watch(handle: WorkflowHandle[RetentionWorkflow, int]) -> int:
    """Show a progress bar on a terminal until the workflow ends; return its result."""
    result = asyncio.create_task(handle.result())
    err = Console(stderr=True)
    columns = (TextColumn("Anonymised"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=None)
        while not (await asyncio.wait([result], timeout=POLL_INTERVAL_SECONDS))[0]:
            progress = await call_workflow(
                handle.query(names.PROGRESS_QUERY, result_type=Anonymised), "the run goes on without this command"
            )
            total = sum(progress.plan.anonymise.values()) if progress.plan else None
            bar.update(task, total=total, completed=progress.anonymised)
    return result.result()


async def _check_lead(engine: AsyncEngine, connections: Connections, staff: str) -> None:
    """Check that the member of staff is an active lead today, by the policy's dates (R11).

    Raises CommandError.
    """
    on = now().astimezone(zone(connections.context.policy().time_zone)).date()
    directory = await answer_query(engine, DirectoryQuery(on=on, actors=(staff,)))
    try:
        check_lead(directory, staff, on)
    except RefusedError as error:
        refusal = error.refusal
        is_unknown = refusal.code is Code.UNKNOWN_STAFF
        hint = await suggest_staff(connections, "--as", staff) if is_unknown else None
        raise refused(refusal.code, refusal.sentence, hint) from error


async def keep_longer(connections: Connections, ref: str, until: date, by: str, reason: str, *, as_json: bool) -> None:
    """Hold a complaint until a day. Raises CommandError if it is erased or anonymised already."""
    async with connections.record() as engine:
        if await queries.find_complaint(engine, ref) is None:
            raise _unknown(ref)
        await _check_lead(engine, connections, by)
        if tombstone := await find_tombstone(engine, ref):
            asked_at = instant(tombstone.asked_at, zone(connections.context.policy().time_zone))
            sentence = f"{ref} was {tombstone.kind} on {asked_at}."
            raise refused(f"already_{tombstone.kind}", sentence)
        await add_hold(engine, ref, until, now(), by, reason)
    if as_json:
        print_json({"reference": ref, "until": until.isoformat()})
    else:
        out.print(f"{ref} is kept as it is to {format_date(until)}.")


async def describe_erasure(connections: Connections, ref: str) -> list[str]:
    """Describe the complaint that would be erased. Raises CommandError if the record lacks it."""
    async with connections.record() as engine:
        state = await queries.read_state(engine, ref)
    if state is None:
        raise _unknown(ref)
    return [*describe_complaint(state), "Its personal data, letters and workflow runs are erased for good."]


async def erase_one(connections: Connections, ref: str, by: str, reason: str, *, as_json: bool) -> None:
    """Erase a closed complaint. Raises CommandError if it is open or has open undertakings."""
    async with connections.record() as engine:
        complaint = await queries.find_complaint(engine, ref)
        if complaint is None:
            raise _unknown(ref)
        await _check_lead(engine, connections, by)
        if complaint.closed_at is None:
            raise refused("not_closed", f"{ref} is open: close it first, as withdrawn, resolved or opened in error.")
        if undertakings := await list_open_undertakings(engine, ref):
            numbers = ", ".join(map(str, undertakings))
            raise refused("promises_open", f"{ref} has undertakings to be carried out first: {numbers}.")
        assert complaint.closing_reason, "a closed complaint has a reason"
        request = ErasureRequest(
            reference=ref,
            asked_at=now(),
            by=by,
            why=reason,
            closed_at=complaint.closed_at,
            closing_reason=complaint.closing_reason,
        )
        client, task_queue = await connections.temporal(), connections.context.settings.task_queue
        handle = await call_workflow(start_erasure(client, engine, task_queue, request), f"run erase {ref} again")
        await call_workflow(handle.result(), f"a worker will erase {ref} once one runs")
        tombstone = await find_tombstone(engine, ref)
    assert tombstone
    if as_json:
        print_json(tombstone.model_dump(mode="json"))
    else:
        out.print(
            f"{ref} is erased. Its events and figures stay, with who asked for it ({tombstone.by}), when and why."
        )


def _unknown(ref: str) -> CommandError:
    return bad_input(f"REF: there is no complaint {ref} on the record")
