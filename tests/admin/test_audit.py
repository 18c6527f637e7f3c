"""`audit` names what somebody changed on the record, and has exit code 1 then."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.audit.folder import put_root
from complaints.audit.signing import RootSigner, make_key
from complaints.encryption.key_ring import StoredKeys
from complaints.records.audit.roots import sign_root
from complaints.records.database import make_engine
from complaints.runtime.clock import now
from local.servers.owner import upgrade_as_owner
from tests.admin.cli_runner import AUDITOR, CliRunner
from tests.fixtures.staff import import_staff
from tests.fixtures.tampering import link_again, tamper
from tests.starter.api.service import add_system, serving
from worker.composition import make_worker
from worker.connections import MAX_CONCURRENT_RECORDINGS

TASK_QUEUE = "audited"
BACKDATE = "UPDATE events SET at = at - interval '2 days' WHERE reference = '$reference' AND kind = 'acknowledge'"
REWORD = "UPDATE events SET what = 'in time' WHERE reference = '$reference' AND kind = 'acknowledge'"


@dataclass
class Audited:
    """A record of its own, with a worker, a folder of roots, and a service with the public key."""

    cli: CliRunner
    engine: AsyncEngine
    url: str
    folder: Path
    key: Path

    async def complaint(self) -> str:
        """Open and acknowledge a complaint; return its reference."""
        reference = await self.cli.open_complaint()
        await self.cli.run("acknowledge", reference, "--as", "m.okafor")
        await self.cli.wait_until_recorded(reference)
        return reference

    async def sign(self) -> None:
        put_root(self.folder, await sign_root(self.engine, RootSigner.load(self.key).sign, now().date(), now()))

    async def tamper(self, command: str, reference: str) -> None:
        await tamper(self.url, command, reference=reference)

    async def findings(self, *arguments: str) -> list[str]:
        """Audit, which must fail; return what is printed of complaints and roots."""
        result = await self.cli("audit", *arguments, "--as", AUDITOR)
        assert result.code == 1, result
        assert result.errors[0].endswith(": the record is not as it was recorded")
        return [line for line in result.out.splitlines() if not line.startswith(("Checked", "No "))]


@pytest.fixture
async def audited(
    cli_without_worker: CliRunner,
    client: Client,
    keys: StoredKeys,
    empty_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[Audited]:
    await asyncio.to_thread(upgrade_as_owner, empty_url)
    await import_staff(empty_url)
    engine = make_engine(empty_url, keys=keys, pool_size=MAX_CONCURRENT_RECORDINGS)
    folder, key, public_key = tmp_path / "roots", tmp_path / "audit.key", tmp_path / "audit.pub"
    folder.mkdir()
    make_key(key, public_key)
    settings: dict[str, Any] = {
        "audit_public_key": str(public_key),
        "audit_roots": str(folder),
        "task_queue": TASK_QUEUE,
    }
    system = await add_system(engine, "portal")
    async with (
        make_worker(client, engine, TASK_QUEUE) as worker,
        serving(client, engine, system, intake_rate=100_000, **settings) as service,
    ):
        monkeypatch.setenv("COMPLAINTS_URL", service.url)
        monkeypatch.setenv("COMPLAINTS_DATABASE_URL", empty_url)
        monkeypatch.setenv("COMPLAINTS_TASK_QUEUE", worker.task_queue)
        yield Audited(cli_without_worker, engine, empty_url, folder, key)
    await engine.dispose()


async def test_a_record_that_nobody_changed_is_clean(audited: Audited) -> None:
    reference = await audited.complaint()
    shown = (await audited.cli.run("audit", "--as", AUDITOR)).out
    assert shown.startswith("Checked 1 complaint with ")
    assert "No root is signed yet" in shown
    await audited.sign()
    shown = (await audited.cli.run("audit", reference, "--as", AUDITOR)).out
    assert "1 of them against Temporal's history." in shown
    assert "Checked 1 signed root, and 1 in the folder; the newest is of" in shown
    result = (await audited.cli.run("audit", "--histories", "--as", AUDITOR, "--json")).json
    assert (result["findings"], result["complaints"], result["histories"]) == ([], 1, 1)
    refused = await audited.cli("audit", "--as", "m.okafor")
    assert (refused.code, "needs the role auditor" in refused.err) == (3, True)
    assert (await audited.cli("audit", "NO-1", "--as", AUDITOR)).code == 2


async def test_a_backdated_act_is_named(audited: Audited) -> None:
    reference = await audited.complaint()
    other = await audited.complaint()
    await audited.tamper(BACKDATE, reference)
    for arguments in ((), (reference,)):
        [line] = await audited.findings(*arguments)
        assert line.startswith(f"{reference}: event ")
        assert "(acknowledge, " in line
        assert "was changed after it was recorded" in line
    await audited.cli.run("audit", other, "--as", AUDITOR)
    result = await audited.cli("audit", "--as", AUDITOR, "--json")
    [finding] = result.json["findings"]
    assert (result.code, finding["reference"], result.errors) == (1, reference, [])


async def test_a_chain_that_was_computed_again_differs_from_the_history(audited: Audited) -> None:
    reference = await audited.complaint()
    await audited.tamper(BACKDATE, reference)
    await link_again(audited.engine, audited.url, reference)
    await audited.cli.run("audit", "--as", AUDITOR)
    [line] = await audited.findings(reference)
    assert "(acknowledge, " in line
    assert "was changed, and the chain computed again: in Temporal's history it is acknowledge by m.okafor" in line


async def test_other_words_in_a_chain_that_was_computed_again_differ_from_the_history(audited: Audited) -> None:
    reference = await audited.complaint()
    await audited.tamper(REWORD, reference)
    await link_again(audited.engine, audited.url, reference)
    [line] = await audited.findings(reference)
    assert "was changed, and the chain computed again: Temporal's history has another link" in line


async def test_an_event_that_was_added_with_its_link_differs_from_the_history(audited: Audited) -> None:
    reference = await audited.complaint()
    await audited.tamper(
        "INSERT INTO events SELECT e.reference, e.sequence + 1, e.at, 'withdraw', e.by, e.what, e.detail, NULL, "
        "e.link, e.at FROM events e JOIN complaints c USING (reference, sequence) WHERE reference = '$reference'; "
        "UPDATE complaints SET sequence = sequence + 1 WHERE reference = '$reference'",
        reference,
    )
    await link_again(audited.engine, audited.url, reference)
    await audited.cli.run("audit", "--as", AUDITOR)
    [line] = await audited.findings(reference)
    assert "(withdraw, " in line
    assert "was added: Temporal's history ends with event" in line


async def test_a_complaint_that_was_taken_out_is_named_by_the_folders_root(audited: Audited) -> None:
    reference = await audited.complaint()
    await audited.sign()
    for table in ("events", "complaints", "audit_leaves", "audit_roots"):
        await tamper(audited.url, "DELETE FROM $table", table=table)
    root, complaint = await audited.findings()
    assert root.endswith("the folder has it, and the record does not: it was taken out.")
    assert complaint.startswith(f"{reference}: the complaint was taken out: the root of ")
