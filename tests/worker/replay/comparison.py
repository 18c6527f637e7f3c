"""Complaints to reconcile, and what the record has of them."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine
from temporalio.client import Client, WorkflowExecution, WorkflowHistory

from complaints.procedure import acts
from complaints.records.database import make_engine
from complaints.records.personal.encryption import STATE, decrypt, decrypt_answer, decrypt_free_text, keys_of
from complaints.records.tables import metadata
from local.servers.owner import owner_url
from tests.workflows.complaint_driver import MONDAY, ComplaintDriver, ComplaintOpener
from worker.replay import fetch_histories
from worker.replay.reconcile import Reconciliation, reconcile

TASK_QUEUE = "before-the-restore"
LISTED_WITHIN_SECONDS = 60.0
CONTINUED_WITHIN_SECONDS = 60.0


class Report(list[str]):
    """The lines that `reconcile` reported."""

    def of(self, complaint: ComplaintDriver) -> list[str]:
        return [
            line.removeprefix(f"{complaint.reference}: ")
            for line in self
            if line.startswith(f"{complaint.reference}: ")
        ]


async def list_then_reconcile(
    complaint: ComplaintDriver, engine: AsyncEngine, *, dry_run: bool = False, task_queue: str = TASK_QUEUE
) -> tuple[Reconciliation, Report]:
    """Reconcile all complaints of the task queue, once its Temporal lists this one."""
    await _listed(complaint)
    return await reconcile_record(complaint.client, engine, dry_run=dry_run, task_queue=task_queue)


async def reconcile_record(
    client: Client,
    engine: AsyncEngine,
    *,
    dry_run: bool = False,
    is_restored: bool = False,
    task_queue: str = TASK_QUEUE,
) -> tuple[Reconciliation, Report]:
    report = Report()
    result = await reconcile(client, engine, task_queue, report.append, dry_run=dry_run, is_restored=is_restored)
    return result, report


NEW_EACH_TIME = ("recorded_at", "id", "number")
"""Columns that say when a row was written, or after which others."""


async def rows(engine: AsyncEngine, complaint: ComplaintDriver) -> dict[str, list[dict[str, Any]]]:
    """Return everything that the record has of it, by table, but when it was written."""
    result: dict[str, list[dict[str, Any]]] = {}
    async with engine.connect() as connection:
        for table in metadata.sorted_tables:
            if "reference" not in table.c:  # not about one complaint
                continue
            of_it = select(table).where(table.c.reference == complaint.reference).order_by(*table.primary_key)
            found = (await connection.execute(of_it)).mappings()
            result[table.name] = [{name: row[name] for name in row if name not in NEW_EACH_TIME} for row in found]
    keys, reference = keys_of(engine), complaint.reference
    for row in result["complaints"]:
        row["encrypted_state"] = await decrypt(keys, reference, STATE, row["encrypted_state"])
    for row in result["free_text"]:
        row["text"] = await decrypt_free_text(keys, reference, row["sequence"], row["field"], row["text"])
    for row in result["answers"]:
        answer = await decrypt_answer(keys, reference, row["act_digest"], row["answer"], row.pop("sentence"))
        row["answer"] = answer
    return result


@asynccontextmanager
async def as_owner(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """Change the engine's database as its owner, past the triggers, in one transaction."""
    owner = make_engine(owner_url(engine.url.render_as_string(hide_password=False)))
    async with owner.begin() as connection:
        await connection.execute(text("SET LOCAL session_replication_role = replica"))
        yield connection
    await owner.dispose()


async def lose(engine: AsyncEngine, complaint: ComplaintDriver, *events: int) -> None:
    async with as_owner(engine) as connection:
        for table in ("free_text", "letters", "alerts", "events"):
            wanted = metadata.tables[table]
            of_them = wanted.c.sequence.in_(events) & (wanted.c.reference == complaint.reference)
            await connection.execute(wanted.delete().where(of_them))


async def long_complaint(opener: ComplaintOpener) -> ComplaintDriver:
    complaint = await opener.open()
    await complaint.do(acts.Acknowledge)
    await complaint.signal(acts.Extend, to="2031-03-31", explanation="We wait for records.")
    await complaint.advance_to(MONDAY.replace(month=4, day=2))
    await complaint.do(acts.Reply, outcome="upheld", findings="We were slow.", remedies=[{"kind": "apology"}])
    await complaint.wait_until_recorded()
    return complaint


async def continued_complaint(opener: ComplaintOpener) -> ComplaintDriver:
    """Open a complaint that continues as new more than once."""
    complaint = await opener.open()
    for number in range(40):
        await complaint.do(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
        if number % 10 == 0:  # it continues as new once nothing is under way
            await complaint.wait_until_recorded()
    return complaint


async def fetch_runs(complaint: ComplaintDriver) -> list[WorkflowHistory]:
    """Fetch its runs, newest first."""

    async def only() -> AsyncIterator[str]:
        yield complaint.reference

    return [run async for run in fetch_histories.fetch_all_runs(complaint.client, only(), TASK_QUEUE)]


def filtered_list(
    client: Client, is_listed: Callable[[WorkflowExecution], bool]
) -> Callable[[str], AsyncIterator[WorkflowExecution]]:
    """Return a filtered_list that leaves out some runs of what Temporal lists."""
    real = client.list_workflows

    async def list_workflows(query: str) -> AsyncIterator[WorkflowExecution]:
        async for run in real(query):
            if is_listed(run):
                yield run

    return list_workflows


async def _listed(complaint: ComplaintDriver) -> None:
    """Wait until Temporal lists one of its runs."""
    async with asyncio.timeout(LISTED_WITHIN_SECONDS):
        while True:
            if complaint.reference in [
                each.id async for each in complaint.client.list_workflows(fetch_histories.ALL_RUNS)
            ]:
                return
            await asyncio.sleep(0.1)
