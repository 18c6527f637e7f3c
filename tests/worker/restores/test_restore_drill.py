"""A drill: each side is restored from a backup on real servers, as docs/restores.md says."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.key_ring import open_key_ring
from complaints.messages.key import DeliveryStatus, MessageKey
from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.state import Event
from complaints.records import queries
from complaints.records.database import make_engine
from complaints.records.deliveries import find_delivery, list_deliveries
from complaints.runtime.clock import now
from complaints.settings import Settings
from complaints.temporal.client import connect
from local.ephemeral_stack import watched_directory
from local.servers.copies import copy_temporal, put_temporal_back
from local.servers.keys import key_settings
from local.servers.owner import upgrade_as_owner, upgrade_keys_as_owner
from local.servers.postgres import OWNER, binaries_for, database_url, postgres, run_program
from local.servers.temporal import temporal
from local.supervisor.accounts import unprivileged
from local.supervisor.ports import LOOPBACK, free_port
from local.supervisor.roles import Role
from local.supervisor.stack import Stack
from starter.client.start_delivery import start_delivery
from tests.channels.smtp_server import SmtpServer
from tests.fixtures.staff import import_staff
from tests.worker.delivery.delivery_worker import Office, open_office
from tests.workflows.complaint_driver import ComplaintDriver

TASK_QUEUE = "drill"
TIMEOUT_SECONDS = 120
FINDINGS = "We were slow."


@dataclass
class Servers:
    """Both servers, with their data on disk."""

    stack: Stack
    roles: tuple[Role, Role]
    address: str
    url: str
    port: int
    keys: Mapping[str, str]
    """Settings of the key ring, whose database is not restored."""

    def dump(self, file: Path) -> None:
        self._run("pg_dump", "--format=custom", f"--file={file}", "complaints")

    def restore(self, file: Path) -> None:
        self._run("pg_restore", "--clean", "--if-exists", "--create", "--dbname=postgres", str(file))

    def stop_temporal(self) -> None:
        [process] = [entry.process for entry in self.stack.entries() if entry.name == "temporal"]
        process.stop(signal.SIGTERM, 30.0)

    def start(self) -> None:
        self.stack.start(self.roles)

    def command(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run a command of the product, such as `-m worker reconcile`."""
        environment = {
            "COMPLAINTS_DATABASE_URL": self.url,
            "TEMPORAL_ADDRESS": self.address,
            "COMPLAINTS_TASK_QUEUE": TASK_QUEUE,
            **self.keys,
        }
        return subprocess.run(  # noqa: S603
            [sys.executable, *arguments],
            check=False,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_SECONDS,
            env={**os.environ, **environment},
        )

    def _run(self, program: str, *arguments: str) -> None:
        account, home = unprivileged(), (self.stack.directory / "postgres").resolve()
        server = ("-h", LOOPBACK, "-p", str(self.port), "-U", OWNER, "--no-password")
        password = {"PGPASSWORD": (home / "password").read_text()}
        run_program([str(binaries_for(account) / program), *server, *arguments], home, account, more=password)


@pytest.fixture(scope="module")
def servers() -> Iterator[Servers]:
    with watched_directory() as directory:
        port, *ports = (free_port() for _ in range(3))
        roles = (
            postgres(directory, port=port),
            temporal(directory, port=ports[0], http_port=ports[1]),
        )
        servers = Servers(Stack(directory), roles, f"{LOOPBACK}:{ports[0]}", "", port, {})
        servers.start()
        servers.url = database_url(directory, port)
        servers.keys = key_settings(directory, port)
        upgrade_as_owner(servers.url)
        upgrade_keys_as_owner(servers.keys["COMPLAINTS_KEYS_URL"])
        asyncio.run(import_staff(servers.url))
        yield servers


@pytest.fixture
async def mail() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as mail:
        yield mail


@pytest.fixture
async def engine(servers: Servers) -> AsyncIterator[AsyncEngine]:
    async with open_key_ring(Settings.read(servers.keys)) as keys:
        engine = make_engine(servers.url, keys=keys, pool_size=10)
        yield engine
        await engine.dispose()


@asynccontextmanager
async def running_product(servers: Servers, engine: AsyncEngine, mail: SmtpServer, post: Path) -> AsyncIterator[Office]:
    """Run workers with channels; at the end they drain, and leave the servers and the mailbox."""
    async with open_key_ring(Settings.read(servers.keys)) as keys:
        client = await connect({"TEMPORAL_ADDRESS": servers.address}, keys)
        async with open_office(client, engine, servers.url, post, TASK_QUEUE, mail=mail) as office:
            yield office
    await engine.dispose()


async def open_today(office: Office) -> ComplaintDriver:
    at = now()
    complaint = await office.opener.open(now=at, advance=False, received_at=at, told_case_handler_on=str(at.date()))
    await office.settled(complaint)
    return complaint


async def reply(office: Office, complaint: ComplaintDriver) -> tuple[Act, list[Event]]:
    """Reply, and wait until its letter has gone; return the act and the record's events."""
    act = complaint.build_act(acts.Reply, "m.okafor", outcome="upheld", findings=FINDINGS)
    assert (await complaint.update(act)).code == "done"
    await office.settled(complaint)
    return act, await events_of(office.opener.engine, complaint)


async def events_of(engine: AsyncEngine, complaint: ComplaintDriver) -> list[Event]:
    return list((await queries.read_events(engine, complaint.reference)).values())


async def every_promise_holds(office: Office, complaint: ComplaintDriver, act: Act, events: list[Event]) -> None:
    """The events are as before, each letter has gone once, and the act is known by its id."""
    engine, client = office.opener.engine, office.opener.client
    driver = ComplaintDriver(complaint.reference, client, engine)
    assert (await driver.update(act)).code == "done"
    async for delivery in list_deliveries(engine, status=DeliveryStatus.WAITING):
        await start_delivery(client, TASK_QUEUE, delivery.key, delivery.summary)
    await office.settled(driver)
    now_recorded = await events_of(engine, driver)
    assert now_recorded[: len(events)] == events
    assert {event.kind for event in now_recorded[len(events) :]} <= {"revived", "refused"}
    about = [each.message_id for each in office.mail.messages if complaint.reference in each.message_id]
    assert sorted(about) == sorted(set(about))
    assert len(office.letters_about(complaint)) == 2


async def test_the_record_comes_back_from_a_dump_and_temporal_completes_it(
    servers: Servers, engine: AsyncEngine, mail: SmtpServer, tmp_path: Path
) -> None:
    dump = servers.stack.directory / "postgres" / "record.dump"
    async with running_product(servers, engine, mail, tmp_path / "post") as office:
        complaint = await open_today(office)
        await complaint.do(acts.Acknowledge)
        await office.settled(complaint)
        await asyncio.to_thread(servers.dump, dump)
        act, events = await reply(office, complaint)
        since = await open_today(office)
        events_since = await events_of(engine, since)
    await asyncio.to_thread(servers.restore, dump)
    assert len(await events_of(engine, complaint)) < len(events)
    assert await events_of(engine, since) == []
    letter = next(each for each in events if each.kind == "letter" and each.sequence > 8)
    reconciled = await asyncio.to_thread(servers.command, "-m", "worker", "reconcile", "--restored")
    assert reconciled.returncode == 0, reconciled.stdout + reconciled.stderr
    assert reconciled.stdout.startswith("The record was restored to an older state: the newest instant on it was ")
    assert f"{complaint.reference}: events " in reconciled.stdout
    assert not reconciled.stderr, "what happened before is not logged again"
    sent = await find_delivery(engine, MessageKey.read(f"{complaint.reference}.{letter.sequence}.complainant"))
    assert sent
    assert sent.status is DeliveryStatus.SENT, "nobody sends it again"
    confirm = ("-m", "worker", "confirm", "staff", "--all", "--yes", "--by", "ops.lee")
    async with running_product(servers, engine, mail, tmp_path / "post") as office:
        driver = ComplaintDriver(complaint.reference, office.opener.client, engine)
        assert (
            await driver.do(acts.Correct, "lead", reason="A slip.", outcome="upheld", findings=FINDINGS)
        ).code == "unconfirmed"
        assert (await asyncio.to_thread(servers.command, *confirm)).returncode == 0
        await every_promise_holds(office, complaint, act, events)
        assert await events_of(engine, since) == events_since
        assert await events_of(engine, since)


async def test_temporal_comes_back_older_and_the_record_completes_it(
    servers: Servers, engine: AsyncEngine, mail: SmtpServer, tmp_path: Path
) -> None:
    async with running_product(servers, engine, mail, tmp_path / "post") as office:
        complaint = await open_today(office)
        await complaint.do(acts.Acknowledge)
        await office.settled(complaint)
        copy = await asyncio.to_thread(copy_temporal, servers.stack.directory, "older")
        act, events = await reply(office, complaint)
    await asyncio.to_thread(servers.stop_temporal)
    await asyncio.to_thread(put_temporal_back, servers.stack.directory, copy)
    await asyncio.to_thread(servers.start)
    reconciled = await asyncio.to_thread(servers.command, "-m", "worker", "reconcile")
    assert f"{complaint.reference}: started again from the record" in reconciled.stdout, reconciled.stdout
    async with running_product(servers, engine, mail, tmp_path / "post") as office:
        await every_promise_holds(office, complaint, act, events)
