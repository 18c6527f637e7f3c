"""`retention` anonymises expired complaints or keeps one longer; `erase` erases one at once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.encryption.data_keys import KeyDestroyedError
from complaints.policies.loader import load_policy
from complaints.procedure.views.views import transition_since
from complaints.records import queries
from complaints.records.erasure import find_tombstone
from complaints.records.personal.encryption import keys_of
from complaints.records.transitions import write_transition
from complaints.runtime.clock import now
from local.ephemeral_stack import EphemeralStack
from tests.admin.cli_runner import AUDITOR, CliRunner, TypeAhead, form
from tests.channels.sample_messages import email
from tests.procedure.builders import opened
from tests.starter.api.service import add_system, serving
from worker.composition import make_operations_worker, make_worker
from worker.retention.start import retention_activities
from workflows.erasure import erasure_workflow_id

LONG_AGO = "2024-03-04 10:00"


@dataclass
class RetentionContext:
    cli: CliRunner
    client: Client
    engine: AsyncEngine
    post_room: Path
    mail: Path

    async def record_expired_complaint(self, reference: str) -> None:
        """Record a complaint signposted on 4 March 2024, which is kept for a year."""
        case = {"answered_on": "2024-02-20"}
        complaint = opened(
            LONG_AGO, reference=reference, aspects=["outcome"], case=case, told_case_handler_on="2024-02-25"
        )
        assert complaint.closed == "signposted"
        await write_transition(self.engine, transition_since(complaint.complaint, 0))

    async def close_complaint_with_letter(self) -> str:
        """Withdraw a new complaint and put a letter into the post room; return the reference."""
        reference = await self.cli.open_complaint()
        await self.cli.run("acknowledge", reference, "--as", "m.okafor")
        await self.cli.run("withdraw", reference, "--as", "front-desk", "--reason", "Ada said so.")
        await self.cli.wait_until_recorded(reference)
        (self.post_room / f"{reference}-7.pdf").write_bytes(b"Dear Ada")
        return reference


@pytest.fixture
async def retention(
    cli_without_worker: CliRunner,
    stack: EphemeralStack,
    client: Client,
    engine: AsyncEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[RetentionContext]:
    task_queue = f"keeping-{tmp_path.name}"
    monkeypatch.setenv("COMPLAINTS_TASK_QUEUE", task_queue)
    post = tmp_path / "post"
    post.mkdir()
    mail = tmp_path / "mail"
    mail.mkdir()
    async with (
        retention_activities(
            client, stack.database_url, keys_of(engine), load_policy(), now, post_room=post, local_mail=mail
        ) as further,
        make_worker(client, engine, task_queue),
        make_operations_worker(client, engine, task_queue, further),
        serving(client, engine, await add_system(engine, task_queue), task_queue=task_queue) as service,
    ):
        monkeypatch.setenv("COMPLAINTS_URL", service.url)
        yield RetentionContext(cli_without_worker, client, engine, post, mail)


async def test_expired_complaints_are_listed_without_a_change(retention: RetentionContext) -> None:
    await retention.record_expired_complaint("KEPT-1")
    result = await retention.cli.run("retention", "--on", "2025-03-05", "--as", "h.lee")
    assert "KEPT-1" in result.out
    assert "Nothing has been changed." in result.out
    assert "KEPT-1" not in (await retention.cli.run("retention", "--on", "2025-03-04", "--as", "h.lee")).out


async def test_retention_run_by_a_lead_anonymises_expired_complaints(retention: RetentionContext) -> None:
    await retention.record_expired_complaint("KEPT-2")
    letter = retention.post_room / "KEPT-2-3.pdf"
    letter.write_bytes(b"Dear Ada")
    result = await retention.cli.run("retention", "run", "--as", "lead.manager", "--json")
    assert result.json["anonymised"] >= 1
    state = await queries.read_state(retention.engine, "KEPT-2")
    assert state
    assert state.form.complainant.name == "Anonymised"
    with pytest.raises(KeyDestroyedError):
        await keys_of(retention.engine).for_subject("KEPT-2")
    assert not letter.exists()
    shown = (await retention.cli.run("show", "KEPT-2")).out
    assert "by lead.manager: kept for as long as the policy financial-ombudsman-service 1 says" in shown
    result = await retention.cli("retention", "run", "--as", "m.okafor")
    assert (result.code, "needs the role lead or administrator" in result.err) == (3, True)


async def test_a_hold_with_a_reason_keeps_a_complaint_longer(retention: RetentionContext) -> None:
    await retention.record_expired_complaint("KEPT-3")
    result = await retention.cli("retention", "hold", "KEPT-3", "--as", "lead.manager")
    assert (result.code, result.errors) == (2, ["--until: is needed", "--reason: is needed"])
    options = ("--until", "2040-01-01", "--reason", "A claim.", "--as", "lead.manager")
    result = await retention.cli.run("retention", "hold", "KEPT-3", *options)
    assert result.out == "KEPT-3 is kept as it is to Sun 1 Jan 2040.\n"
    assert "KEPT-3" not in (await retention.cli.run("retention", "--on", "2039-01-01", "--as", "h.lee")).out


async def test_an_erased_complaint_leaves_a_tombstone_but_no_workflow_nor_letter(retention: RetentionContext) -> None:
    reference = await retention.close_complaint_with_letter()
    result = await retention.cli.run("erase", reference, "--reason", "She asked us to.", "--as", "lead.manager")
    assert result.out.startswith(f"{reference} is erased.")
    with pytest.raises(RPCError, match="not found"):
        await retention.client.get_workflow_handle(reference).describe()
    assert list(retention.post_room.iterdir()) == []
    tombstone = await find_tombstone(retention.engine, reference)
    assert tombstone
    assert (tombstone.kind, tombstone.by, tombstone.why) == ("erased", "lead.manager", "She asked us to.")
    assert tombstone.done_at
    with pytest.raises(KeyDestroyedError):
        await keys_of(retention.engine).for_subject(reference)
    shown = (await retention.cli.run("show", reference, "--words", "--as", AUDITOR)).out
    assert "withdrawn" in shown
    assert "by lead.manager: She asked us to." in shown
    assert "Ada" not in shown


async def test_an_erasure_removes_the_mail_that_the_local_stack_has_kept(retention: RetentionContext) -> None:
    reference = await retention.close_complaint_with_letter()
    for number, about in enumerate((reference, f"{reference}-1"), start=1):
        message = bytes(email(key=f"{about}.7.complainant", reference=about))
        (retention.mail / f"{number:06}.eml").write_bytes(message)
    await retention.cli.run("erase", reference, "--reason", "She asked us to.", "--as", "lead.manager")
    assert [kept.name for kept in retention.mail.iterdir()] == ["000002.eml"]


async def test_erasure_keeps_the_letters_of_other_complaints(retention: RetentionContext) -> None:
    reference = await retention.close_complaint_with_letter()
    other_letter = retention.post_room / f"{reference}-1-7.pdf"
    other_letter.write_bytes(b"Dear Somebody Else")
    await retention.cli.run("erase", reference, "--reason", "She asked us to.", "--as", "lead.manager")
    assert list(retention.post_room.iterdir()) == [other_letter]


async def test_on_a_terminal_an_erasure_is_asked_for_first(retention: RetentionContext, type_ahead: TypeAhead) -> None:
    await retention.record_expired_complaint("KEPT-5")
    type_ahead("n\n")
    result = await retention.cli("erase", "KEPT-5", "--reason", "She asked us to.", "--as", "lead.manager")
    assert (result.code, result.errors[0].startswith("KEPT-5: ")) == (1, True)
    assert result.errors[-1] == "Go on? [y/N] nothing has been sent or recorded"


async def test_only_a_lead_may_erase_a_complaint(retention: RetentionContext) -> None:
    await retention.record_expired_complaint("KEPT-4")
    for by, code in (("nobody.known", "unknown_staff"), ("m.okafor", "no_such_right")):
        result = await retention.cli("erase", "KEPT-4", "--reason", "She asked us to.", "--as", by, "--json")
        assert (result.code, result.json["code"]) == (3, code)


async def test_the_reference_of_an_erased_complaint_stays_taken(retention: RetentionContext) -> None:
    reference = await retention.close_complaint_with_letter()
    await retention.cli.run("erase", reference, "--reason", "She asked us to.", "--as", "lead.manager")
    result = await retention.cli("open", retention.cli.write_file(form(reference=reference)))
    assert result.code == 3
    assert "is taken" in result.err


async def test_an_open_or_unknown_complaint_is_not_erased(retention: RetentionContext) -> None:
    reference = await retention.cli.open_complaint()
    await retention.cli.wait_until_recorded(reference)
    options = ("--reason", "She asked us to.", "--as", "lead.manager")
    result = await retention.cli("erase", reference, *options, "--json")
    assert (result.code, result.json["code"]) == (3, "not_closed")
    result = await retention.cli("erase", "NEVER-1", *options)
    assert (result.code, result.errors) == (2, ["REF: there is no complaint NEVER-1"])


async def test_without_a_worker_a_complaint_is_erased_once_one_runs(
    cli_without_worker: CliRunner,
    retention: RetentionContext,
    stack: EphemeralStack,
    client: Client,
    engine: AsyncEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reference = await retention.close_complaint_with_letter()
    key = await add_system(engine, "without-worker")
    async with serving(client, engine, key, task_queue="later") as service:
        monkeypatch.setenv("COMPLAINTS_URL", service.url)
        result = await cli_without_worker("erase", reference, "--reason", "She asked us to.", "--as", "lead.manager")
    assert result.code == 4
    assert f"a worker will erase {reference} once one runs" in result.err
    async with (
        retention_activities(client, stack.database_url, keys_of(engine), load_policy(), now) as further,
        make_operations_worker(client, engine, "later", further),
    ):
        await client.get_workflow_handle(erasure_workflow_id(reference)).result()
    tombstone = await find_tombstone(engine, reference)
    assert tombstone
    assert tombstone.done_at
