"""Temporal's files hold no name, address or word of a complaint, living or erased."""

import asyncio
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.encryption.key_ring import StoredKeys
from complaints.temporal.client import connect
from local.ephemeral_stack import EphemeralStack, watched_directory
from local.servers.temporal import database_file, temporal
from local.supervisor.ports import LOOPBACK, free_port
from local.supervisor.stack import Stack
from tests.starter.api.service import add_system, serving
from tests.starter.api.test_intake_requests import FINDINGS, open_and_reply, open_complaint, wait_for_event
from tests.worker.process import working

QUEUE = "on-disk"
COMPLAINANT = {
    "name": "Zbigniew Quillfeather",
    "capacity": "customer",
    "email": "zbigniew@quillfeather.example",
    "address": "17 Larkspur Gardens, Wolverhampton",
    "prefers": "email",
}
WHAT_HAPPENED = "A porcupine shredded the paperwork of my grandmother."
OF_NO_SERVICE = [{"aspect": "outcome", "what_happened": WHAT_HAPPENED}]
SHORTEST = 5
"""Letters of a word that is looked for; a shorter one may be part of a code."""
PATIENCE_SECONDS = 60.0


def words() -> set[str]:
    texts = (COMPLAINANT["name"], COMPLAINANT["email"], COMPLAINANT["address"], WHAT_HAPPENED, FINDINGS)
    return {word.strip(".,") for text in texts for word in text.split() if len(word) >= SHORTEST}


def contents(folder: Path) -> dict[str, bytes]:
    """Return the bytes of Temporal's database, of SQLite's files of it, and of the log."""
    files = [*folder.glob(f"{database_file(folder).name}*"), Stack(folder).log("temporal")]
    return {file.name: file.read_bytes() for file in files}


async def deleted(client: Client, reference: str) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                await client.get_workflow_handle(reference).describe()
            except RPCError:
                return
            await asyncio.sleep(0.1)


async def test_no_word_of_a_complaint_is_in_temporals_files(
    stack: EphemeralStack, engine: AsyncEngine, keys: StoredKeys, tmp_path: Path
) -> None:
    port = free_port()
    environment = {
        "TEMPORAL_ADDRESS": f"{LOOPBACK}:{port}",
        "COMPLAINTS_DATABASE_URL": stack.database_url,
        "COMPLAINTS_TASK_QUEUE": QUEUE,
        **stack.key_settings,
    }
    with watched_directory() as folder:
        Stack(folder).start([temporal(folder, port=port, http_port=free_port())])
        client = await connect(environment, keys)
        async with (
            working(environment, tmp_path),
            serving(client, engine, await add_system(engine, QUEUE), task_queue=QUEUE) as service,
            service.client() as portal,
            service.as_staff("lead.manager") as lead,
        ):
            living = await open_and_reply(client, engine, portal, complainant=COMPLAINANT)
            erased = await open_complaint(portal, complainant=COMPLAINANT, concerns=OF_NO_SERVICE)
            await wait_for_event(engine, erased, "closed")
            body = {"reference": erased, "reason": WHAT_HAPPENED}
            answer = await lead.post(f"/complaints/{erased}/erasure", json=body)
            assert answer.status_code in (200, 202), answer.text
            await deleted(client, erased)
        found = contents(folder)
    written = b"".join(found.values())
    assert living.encode() in written  # the files are those into which Temporal writes
    assert {(name, word) for name, content in found.items() for word in words() if word.encode() in content} == set()
    assert not {word for word in words() if word.lower().encode() in written.lower()}
