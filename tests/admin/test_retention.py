"""`retention` anonymises expired complaints or keeps one longer; `erase` erases one at once."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.policies.loader import load_policy
from complaints.procedure.views.views import transition_since
from complaints.records import queries
from complaints.records.erasure import find_tombstone
from complaints.records.transitions import write_transition
from complaints.runtime.clock import now
from local.ephemeral_stack import EphemeralStack
from tests.admin.cli_runner import Script, form
from tests.procedure.builders import opened
from worker.composition import make_worker
from worker.retention.start import retention_activities
from workflows.erasure import erasure_workflow_id

LONG_AGO = "2024-03-04 10:00"


@dataclass
class House:
    script: Script
    client: Client
    engine: AsyncEngine
    post: Path

    async def closed_long_ago(self, reference: str) -> None:
        """Signposted on 4 March 2024, kept for a year; put on the record as it was written then."""
        case = {"answered_on": "2024-02-20"}
        story = opened(LONG_AGO, reference=reference, aspects=["outcome"], case=case, told_case_handler_on="2024-02-25")
        assert story.closed == "signposted"
        await write_transition(self.engine, transition_since(story.complaint, 0))

    async def closed_now(self) -> str:
        """With a letter by post."""
        reference = await self.script.opened()
        await self.script.done("acknowledge", reference, "--as", "m.okafor")
        await self.script.done("withdraw", reference, "--as", "intake", "--reason", "Ada said so.")
        await self.script.recorded(reference)
        (self.post / f"{reference}-7.pdf").write_bytes(b"Dear Ada")
        return reference


@pytest.fixture
async def house(
    unattended: Script,
    stack: EphemeralStack,
    client: Client,
    engine: AsyncEngine,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> AsyncIterator[House]:
    task_queue = f"keeping-{tmp_path.name}"
    monkeypatch.setenv("COMPLAINTS_TASK_QUEUE", task_queue)
    post = tmp_path / "post"
    post.mkdir()
    async with (
        retention_activities(client, stack.database_url, load_policy(), now, post_room=post) as further,
        make_worker(client, engine, task_queue, extra_activities=further),
    ):
        yield House(unattended, client, engine, post)


async def test_what_was_kept_long_enough_is_listed_and_anonymised(house: House) -> None:
    await house.closed_long_ago("KEPT-1")
    ran = await house.script.done("retention", "--on", "2025-03-05")
    assert "KEPT-1" in ran.out
    assert "Nothing has been changed." in ran.out
    assert "KEPT-1" not in (await house.script.done("retention", "--on", "2025-03-04")).out


async def test_anonymised_by_hand_is_what_is_due_now(house: House) -> None:
    await house.closed_long_ago("KEPT-2")
    at = house.post / "KEPT-2-3.pdf"
    at.write_bytes(b"Dear Ada")
    ran = await house.script.done("retention", "run", "--as", "lead.manager", "--json")
    assert ran.json["anonymised"] >= 1
    state = await queries.read_state(house.engine, "KEPT-2")
    assert state
    assert state.form.complainant.name == "Anonymised"
    assert not at.exists()
    shown = (await house.script.done("show", "KEPT-2")).out
    assert "by lead.manager: kept for as long as the policy financial-ombudsman-service 1 says" in shown
    ran = await house.script("retention", "run", "--as", "m.okafor")
    assert (ran.code, "only a lead may do this" in ran.err) == (3, True)


async def test_a_complaint_is_kept_longer_and_the_reason_is_needed(house: House) -> None:
    await house.closed_long_ago("KEPT-3")
    ran = await house.script("retention", "hold", "KEPT-3")
    assert (ran.code, ran.errors) == (2, ["--reason: is needed", "--as: is needed", "--until: is needed"])
    held = ("--until", "2040-01-01", "--reason", "A claim.", "--as", "lead.manager")
    ran = await house.script.done("retention", "hold", "KEPT-3", *held)
    assert ran.out == "KEPT-3 is kept as it is to Sun 1 Jan 2040.\n"
    assert "KEPT-3" not in (await house.script.done("retention", "--on", "2039-01-01")).out


async def test_erased_temporal_knows_it_no_more_its_letters_are_gone_and_a_tombstone_stays(house: House) -> None:
    reference = await house.closed_now()
    ran = await house.script.done("erase", reference, "--reason", "She asked us to.", "--as", "lead.manager")
    assert ran.out.startswith(f"{reference} is erased.")
    with pytest.raises(RPCError, match="not found"):
        await house.client.get_workflow_handle(reference).describe()
    assert list(house.post.iterdir()) == []
    stone = await find_tombstone(house.engine, reference)
    assert stone
    assert (stone.kind, stone.by, stone.why) == ("erased", "lead.manager", "She asked us to.")
    assert stone.done_at
    shown = (await house.script.done("show", reference, "--words")).out
    assert "withdrawn" in shown
    assert "by lead.manager: She asked us to." in shown
    assert "Ada" not in shown


async def test_the_letters_of_another_complaint_stay(house: House) -> None:
    reference = await house.closed_now()
    others = house.post / f"{reference}-1-7.pdf"
    others.write_bytes(b"Dear Somebody Else")
    await house.script.done("erase", reference, "--reason", "She asked us to.", "--as", "lead.manager")
    assert list(house.post.iterdir()) == [others]


async def test_only_a_lead_decides_how_long_something_is_kept(house: House) -> None:
    await house.closed_long_ago("KEPT-4")
    for by, code in (("nobody.known", "unknown_staff"), ("m.okafor", "wrong_role")):
        ran = await house.script("erase", "KEPT-4", "--reason", "She asked us to.", "--as", by, "--json")
        assert (ran.code, ran.json["code"]) == (3, code)


async def test_its_reference_stays_taken(house: House) -> None:
    reference = await house.closed_now()
    await house.script.done("erase", reference, "--reason", "She asked us to.", "--as", "lead.manager")
    ran = await house.script("open", house.script.file(form(reference=reference)))
    assert ran.code == 3
    assert "is taken" in ran.err


async def test_an_open_complaint_is_not_erased_nor_one_that_owes_something(house: House) -> None:
    reference = await house.script.opened()
    await house.script.recorded(reference)
    asked = ("--reason", "She asked us to.", "--as", "lead.manager")
    ran = await house.script("erase", reference, *asked, "--json")
    assert (ran.code, ran.json["code"]) == (3, "not_closed")
    ran = await house.script("erase", "NEVER-1", *asked)
    assert (ran.code, ran.errors) == (2, ["REF: there is no complaint NEVER-1 on the record"])


async def test_without_a_worker_it_is_erased_once_one_runs(
    unattended: Script,
    house: House,
    stack: EphemeralStack,
    client: Client,
    engine: AsyncEngine,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    reference = await house.closed_now()
    monkeypatch.setattr("admin.shared.connections.ANSWER_TIMEOUT_SECONDS", 1.0)
    monkeypatch.setenv("COMPLAINTS_TASK_QUEUE", "later")
    ran = await unattended("erase", reference, "--reason", "She asked us to.", "--as", "lead.manager")
    assert ran.code == 4
    assert f"a worker will erase {reference} once one runs" in ran.err
    async with (
        retention_activities(client, stack.database_url, load_policy(), now) as further,
        make_worker(client, engine, "later", extra_activities=further),
    ):
        await client.get_workflow_handle(erasure_workflow_id(reference)).result()
    stone = await find_tombstone(engine, reference)
    assert stone
    assert stone.done_at
