"""The side of DBOS: the product's lifecycle and storm, sent to `benchmarks.on_dbos.worker`."""

import os
import sys
import uuid
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from dbos import DBOSClient, EnqueueOptions
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncEngine

from benchmarks.on_dbos import worker
from benchmarks.storm import REPLY_WITHIN, recorded_lapses, storm_policy
from benchmarks.workloads import LifecycleAct, form, life, settle_on_record
from complaints.calendars.builder import calendar_for
from complaints.policies.loader import load_policy
from complaints.procedure.form import Form
from complaints.procedure.policy import Policy
from complaints.procedure.state import Start
from complaints.runtime.clock import now
from local.ephemeral_stack import EphemeralStack
from local.servers.owner import owner_url
from local.servers.worker import ROOT
from local.supervisor.roles import Role
from starter.client.open_complaint import digest_of

SYSTEM_DATABASE = "dbos"
ANSWER_TIMEOUT_SECONDS = 60.0


def system_url(stack: EphemeralStack) -> str:
    """Return the URL of DBOS's database, which it makes on the same PostgreSQL."""
    url = make_url(owner_url(stack.database_url)).set(drivername="postgresql", database=SYSTEM_DATABASE)
    return url.render_as_string(hide_password=False)


def dbos_worker(folder: Path, stack: EphemeralStack) -> Role:
    """Return the role of the worker on DBOS; the record and the staff are there already."""
    ready = folder / "dbos.ready"
    folder.mkdir()
    return Role(
        name="dbos",
        command=[sys.executable, "-m", "benchmarks.on_dbos.worker"],
        env={
            **os.environ,
            worker.SYSTEM_URL: system_url(stack),
            worker.DATABASE_URL: stack.database_url,
            worker.READY_FILE: str(ready),
            "PYTHONPATH": str(ROOT),
        },
        cwd=folder,
        ready=lambda _: ready.exists(),
    )


def connect(stack: EphemeralStack) -> DBOSClient:
    """Connect to DBOS, whose worker has run."""
    return DBOSClient(
        system_database_url=system_url(stack),
        system_database_pool_size=worker.CONNECTIONS,
        use_listen_notify=True,
        application_name="complaints",
    )


@dataclass(frozen=True)
class DbosSide:
    client: DBOSClient
    engine: AsyncEngine
    name: str = "DBOS"
    life: list[LifecycleAct] = field(default_factory=life)

    async def start(self, reference: str) -> None:
        await self.open(form(reference), load_policy())

    async def open(self, given: Form, policy: Policy) -> None:
        calendar = calendar_for(policy, given.received_at, now())
        digest = digest_of(given)
        start = Start(form=given, policy=policy, calendar=calendar, opened_by="intake", form_digest=digest)
        options: EnqueueOptions = {
            "queue_name": worker.QUEUE,
            "workflow_name": worker.WORKFLOW,
            "workflow_id": given.reference,
            "app_version": worker.VERSION,
        }
        await self.client.enqueue_async(options, start.model_dump_json(), now().isoformat())

    async def act(self, reference: str, number: int) -> None:
        act_type, fields = self.life[number]
        act = act_type.model_validate({"id": uuid.uuid4().hex, **fields})
        message = {"name": act.name, "act": act.model_dump_json(), "sent_at": now().isoformat()}
        await self.client.send_async(reference, message, worker.ACTS_TOPIC, idempotency_key=act.id)
        code = await self.client.get_event_async(reference, act.id, ANSWER_TIMEOUT_SECONDS)
        if code != "done":
            raise TimeoutError(f"DBOS: {act.name} was answered {code}")

    async def settle(self, prefix: str, lives: int, acts: int) -> None:
        await settle_on_record(self.engine, prefix, lives, acts)


@dataclass(frozen=True)
class DbosStorm:
    client: DBOSClient
    engine: AsyncEngine
    name: str = "DBOS"
    letters_take: float = 0

    @property
    def lifecycle(self) -> DbosSide:
        return DbosSide(self.client, self.engine)

    async def open(self, reference: str, due: datetime) -> None:
        received_at = due - timedelta(seconds=REPLY_WITHIN)
        await self.lifecycle.open(form(reference, received_at), storm_policy())

    async def are_open(self, prefix: str, number: int) -> None:
        await self.lifecycle.settle(prefix, number, 0)

    async def recorded(self, prefix: str) -> list[datetime]:
        return await recorded_lapses(self.engine, prefix)

    async def settle(self, prefix: str) -> None:
        """Return at once: nobody sends its letters."""
