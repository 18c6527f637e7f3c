"""What has been kept long enough; and having it anonymised, kept longer, or erased."""

import asyncio
from contextlib import aclosing
from datetime import date

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy

from admin.shared.connections import Connections, call_workflow
from admin.shared.errors import CommandError, bad_input, refused
from admin.shared.json_stream import print_json_array
from admin.shared.output import out, print_json, table
from complaints.formatting.plural import plural
from complaints.procedure.dates.calendar import zone
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.directory_lookup import DirectoryQuery
from complaints.procedure.policy import Policy
from complaints.records import queries
from complaints.records.directory import find
from complaints.records.erasure import create_tombstone, promises_open, tombstone
from complaints.records.retention import Expired, expired, hold
from complaints.runtime.clock import now
from workflows import names
from workflows.erasure import ErasureWorkflow, workflow_id
from workflows.retention import Progress as Anonymised
from workflows.retention import RetentionInput, RetentionWorkflow

IN_ONE_TABLE = 500
HEADINGS = ["reference", "kind", "closed", "kept until", "then"]
RETENTION_BY_HAND = "retention/by-hand"
"""The workflow's id: two commands at once are one run."""
ASK_EVERY = 0.3
"""Seconds."""


async def print_expired(reach: Connections, policy: Policy, on: date | None, *, as_json: bool) -> None:
    """Raises CommandError."""
    if policy.retention is None:
        raise refused("no_retention", f"{policy.title} says nothing of how long records are kept.")
    day = on or now().astimezone(zone(policy.time_zone)).date()
    async with reach.record() as engine, aclosing(expired(engine, policy, day)) as found:
        rows = [each async for each in found]
    if as_json:
        print_json_array(rows)
        return
    for start in range(0, len(rows), IN_ONE_TABLE):
        out.print(table("", HEADINGS, map(_row, rows[start : start + IN_ONE_TABLE])))
    if not rows:
        out.print(f"None, on {format_date(day)}.")
        return
    have = plural(len(rows), "closed complaint has", "closed complaints have")
    says = f"{policy.id} {policy.version} says on {format_date(day)}"
    out.print(f"{have} been kept for as long as {says}. Nothing has been changed.")


def _row(row: Expired) -> tuple[str, ...]:
    return row.reference, row.kind.replace("_", " "), format_date(row.closed_on), format_date(row.kept_until), row.then


async def anonymise_all(reach: Connections, by: str, *, as_json: bool) -> None:
    """Raises CommandError."""
    async with reach.record() as engine:
        await _refuse_who_may_not(engine, by, now().date())
    client = await reach.temporal()
    handle = await call_workflow(
        client.start_workflow(
            RetentionWorkflow.run,
            RetentionInput(by=by),
            id=RETENTION_BY_HAND,
            task_queue=reach.context.settings.task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
        ),
        "run it again",
    )
    done = await _watch(handle)
    if as_json:
        print_json({"anonymised": done})
    else:
        out.print(f"{plural(done, 'complaint')} anonymised.")


async def _watch(handle: WorkflowHandle[RetentionWorkflow, int]) -> int:
    """With a bar on a terminal, until all is done."""
    result = asyncio.create_task(handle.result())
    err = Console(stderr=True)
    columns = (TextColumn("Anonymised"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal) as bar:
        task = bar.add_task("", total=None)
        while not (await asyncio.wait([result], timeout=ASK_EVERY))[0]:
            told = await call_workflow(
                handle.query(names.PROGRESS_QUERY, result_type=Anonymised), "it goes on by itself"
            )
            total = sum(told.outlook.anonymise.values()) if told.outlook else None
            bar.update(task, total=total, completed=told.anonymised)
    return result.result()


async def _refuse_who_may_not(engine: AsyncEngine, by: str, on: date) -> None:
    """Leads decide how long something is kept. Raises CommandError."""
    found = await find(engine, DirectoryQuery(on=on, actors=(by,)))
    if not found.authorities:
        raise refused("unknown_staff", f"{by} is not in the staff directory.")
    [standing] = found.authorities
    if not standing.is_active(on):
        raise refused("inactive_staff", f"{by} may not act on {format_date(on)}.")
    if not standing.leads:
        raise refused("wrong_role", f"{by} leads no tier; leads decide how long something is kept.")


async def keep_longer(reach: Connections, ref: str, until: date, by: str, reason: str, *, as_json: bool) -> None:
    """Raises CommandError."""
    async with reach.record() as engine:
        if await queries.find(engine, ref) is None:
            raise _unknown(ref)
        await _refuse_who_may_not(engine, by, now().date())
        if stone := await tombstone(engine, ref):
            raise refused(f"already_{stone.kind}", f"{ref} was {stone.kind} on {stone.asked_at:%-d %B %Y}.")
        await hold(engine, ref, until, now(), by, reason)
    if as_json:
        print_json({"reference": ref, "until": until.isoformat()})
    else:
        out.print(f"{ref} is kept as it is to {format_date(until)}.")


async def erase_one(reach: Connections, ref: str, by: str, reason: str, *, as_json: bool) -> None:
    """Raises CommandError."""
    async with reach.record() as engine:
        known = await queries.find(engine, ref)
        if known is None:
            raise _unknown(ref)
        await _refuse_who_may_not(engine, by, now().date())
        if known.closed_at is None:
            raise refused("not_closed", f"{ref} is open: close it first, as withdrawn, resolved or opened in error.")
        if promised := await promises_open(engine, ref):
            numbers = ", ".join(map(str, promised))
            raise refused("promises_open", f"{ref} has undertakings to be carried out first: {numbers}.")
        await create_tombstone(engine, ref, now(), by, reason)
        client = await reach.temporal()
        handle = await call_workflow(
            client.start_workflow(
                ErasureWorkflow.run,
                ref,
                id=workflow_id(ref),
                task_queue=reach.context.settings.task_queue,
                id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
            ),
            f"run erase {ref} again",
        )
        await call_workflow(handle.result(), f"a worker will erase {ref} once one runs")
        stone = await tombstone(engine, ref)
    assert stone
    if as_json:
        print_json(stone.model_dump(mode="json"))
    else:
        out.print(f"{ref} is erased. Its events and figures stay, with who asked for it ({stone.by}), when and why.")


def _unknown(ref: str) -> CommandError:
    return bad_input(f"REF: there is no complaint {ref} on the record")
