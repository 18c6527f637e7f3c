"""Workers of two releases serve complaints over a migration, and a rollback after it."""

import asyncio
from pathlib import Path
from time import monotonic

import pytest
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.procedure import acts
from complaints.runtime.clock import now
from tests.fixtures.next_release import migrate, next_release
from tests.fixtures.staff import import_staff
from tests.worker.process import WorkerProcess, working
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener

QUEUE = "migrated-in-service"
ADD_COLUMN = ("0001", 'op.add_column("complaints", sa.Column("team", sa.Text))')
ADD_INDEX = ("0001", 'create_index("ix_complaints_team", "complaints", ["team"])')
DROP_COLUMN = ("0002", 'op.drop_column("complaints", "team")')
TIMEOUT_SECONDS = 60.0


async def test_old_and_new_workers_record_over_a_migration_and_after_a_rollback(
    environment: dict[str, str], client: Client, restored: AsyncEngine, tmp_path: Path
) -> None:
    url = make_url(str(environment["COMPLAINTS_DATABASE_URL"])).set(database=restored.url.database)
    database_url = url.render_as_string(hide_password=False)
    await import_staff(database_url)
    settings = environment | {"COMPLAINTS_TASK_QUEUE": QUEUE, "COMPLAINTS_DATABASE_URL": database_url}
    release = next_release(tmp_path / "next", ADD_COLUMN, ADD_INDEX)
    opener, instant = ComplaintOpener(client, restored, QUEUE), now()
    complaints: list[ComplaintDriver] = []

    async def served_by(worker: WorkerProcess) -> None:
        """Open complaints until the worker has taken an act of one, and see each act recorded."""
        before, give_up_at = len(worker.logged("taken")), monotonic() + TIMEOUT_SECONDS
        while len(worker.logged("taken")) == before:
            assert monotonic() < give_up_at, worker.said()
            complaints.append(
                await opener.open(now=instant, received_at=instant, told_case_handler_on=f"{instant:%Y-%m-%d}")
            )
            for complaint in (complaints[0], complaints[-1]):
                answer = await complaint.do(acts.AddInformation, note="Rang again.")
                assert answer.code == "done", answer
                await complaint.wait_until_recorded()

    async with working(settings, tmp_path, "old") as old:
        await served_by(old)
        async with working(settings, tmp_path, "new", release) as new:  # before the migration: expand may come later
            await served_by(new)
            migration = asyncio.create_task(migrate(release, database_url))
            await served_by(old)
            code, said, _ = await migration
            assert (code, said) == (0, "The database is at revision 0003; versions from 0001 run on it.\n")
            await served_by(old)
            await served_by(new)
            assert await old.stop() == 0
            assert await new.stop() == 0
    async with working(settings, tmp_path, "rolled-back") as rolled_back:
        await served_by(rolled_back)
        history = await complaints[0].wait_until_recorded()
        assert [event.sequence for event in history.events] == list(range(1, history.sequence + 1))

    assert (await migrate(next_release(release, DROP_COLUMN), database_url))[0] == 0
    with pytest.raises(AssertionError, match="at revision 0004, which runs versions from 0002 only; this version is "):
        async with working(settings, tmp_path, "too-old"):
            pass
    async with working(settings, tmp_path, "newest", release) as newest:
        await served_by(newest)
