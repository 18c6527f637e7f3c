"""Each day, the root over the chains of all complaints is signed and published."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowFailureError
from temporalio.common import MetricMeter

from complaints.audit.folder import read_folder
from complaints.audit.signing import RootVerifier, make_key
from complaints.encryption.key_ring import StoredKeys
from complaints.policies.loader import load_policy
from complaints.records.audit.roots import read_roots
from complaints.runtime.service import StartupError
from complaints.settings import WorkerSettings
from tests.channels.smtp_server import SmtpServer
from tests.channels.webhook_server import WebhookServer
from tests.fixtures.asked_runs import trigger_schedule
from tests.worker.delivery.delivery_worker import Office, open_office, settings
from worker.delivery.start import open_deliveries


@pytest.fixture
def audit_settings(tmp_path: Path) -> dict[str, str]:
    make_key(tmp_path / "audit.key", tmp_path / "audit.pub")
    (tmp_path / "roots").mkdir()
    return {"COMPLAINTS_AUDIT_KEY": str(tmp_path / "audit.key"), "COMPLAINTS_AUDIT_ROOTS": str(tmp_path / "roots")}


@pytest.fixture
async def office(
    client: Client, engine: AsyncEngine, record_url: str, tmp_path: Path, audit_settings: dict[str, str]
) -> AsyncIterator[Office]:
    async with open_office(
        client, engine, record_url, tmp_path / "post", f"roots-{tmp_path.name}", further_settings=audit_settings
    ) as office:
        yield office


async def test_the_schedule_signs_one_root_a_day_and_publishes_it(
    office: Office, client: Client, engine: AsyncEngine, tmp_path: Path
) -> None:
    complaint = await office.open()
    day = await (await trigger_schedule(client, "audit-root")).result()
    [root] = (await read_roots(engine)).roots
    assert str(root.day) == day
    assert RootVerifier.load(tmp_path / "audit.pub").is_signed(root)
    [(name, file)] = read_folder(tmp_path / "roots")
    assert file
    assert (name, file.root) == (f"root-{day}.json", root)
    assert complaint.reference in [leaf.reference for leaf in file.leaves]
    [posted] = [each.json for each in office.webhook.requests if each.json["kind"] == "audit_root"]
    assert (posted["key"], posted["reference"]) == (f"audit-root.{day}", "")
    assert posted["what"].endswith(root.root)
    assert posted["to_do"].endswith(root.signature)
    with pytest.raises(WorkflowFailureError):
        await (await trigger_schedule(client, "audit-root")).result()


async def test_a_key_file_that_is_of_no_use_ends_the_start(
    client: Client, keys: StoredKeys, record_url: str, tmp_path: Path, audit_settings: dict[str, str]
) -> None:
    (tmp_path / "audit.key").write_text("no key")
    async with SmtpServer() as mail, WebhookServer() as webhook:
        read = WorkerSettings.read({**settings(mail, webhook, tmp_path, "no-key"), **audit_settings})
        with pytest.raises(StartupError, match=r"COMPLAINTS_AUDIT_KEY: .* holds no Ed25519 private key; make one with"):
            async with open_deliveries(read, load_policy(), client, record_url, keys, MetricMeter.noop):
                pass
