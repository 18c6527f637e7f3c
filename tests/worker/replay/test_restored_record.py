"""A restored record is marked, and its staff and systems wait for a person."""

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.api_keys import ApiKey, Scope
from complaints.procedure import acts
from complaints.procedure.directory_lookup import DirectoryQuery
from complaints.procedure.enums import Code
from complaints.procedure.views.views import Transition
from complaints.records import tables
from complaints.records.database import RecordUnreachableError
from complaints.records.directory import answer_query
from complaints.records.restores.marks import confirm, list_unconfirmed
from complaints.records.staff import update_members
from complaints.records.systems import add_system, list_systems
from complaints.records.transitions import Written
from complaints.runtime.clock import now
from complaints.staff.members import Member
from tests.fixtures.staff import ALL_STAFF
from tests.worker.replay.comparison import list_then_reconcile, long_complaint, lose, reconcile_record
from tests.workflows.complaint_driver import ComplaintOpener
from worker.composition import make_worker
from worker.observability.recording_backlog import RecordingBacklog


async def read_restores(engine: AsyncEngine) -> list[dict[str, object]]:
    async with engine.connect() as connection:
        return [dict(row) for row in (await connection.execute(select(tables.restores))).mappings()]


async def test_staff_and_systems_of_a_restored_record_are_refused_until_a_person_confirms_them(
    opener: ComplaintOpener, restored: AsyncEngine
) -> None:
    at = now()
    await update_members(restored, [each.id for each in ALL_STAFF], lambda _: ALL_STAFF, at=at, by="test")
    await add_system(restored, "portal", [Scope.OPEN], "test", at, ApiKey.new())
    complaint = await long_complaint(opener)
    _, report = await list_then_reconcile(complaint, restored, dry_run=True)
    assert report[0].startswith("The record was restored to an older state: the newest instant on it was ")
    assert await read_restores(restored) == []
    _, report = await list_then_reconcile(complaint, restored)
    assert f"{at:%Y-%m-%d %H:%M:%S} UTC" in report[0]
    assert [line for line in report if "refused until" in line] == [
        f"- staff and absences; {len(ALL_STAFF)} are refused until somebody gives: python -m worker confirm staff",
        "- systems and their keys; 1 is refused until somebody gives: python -m worker confirm system",
    ]
    [restore] = await read_restores(restored)
    assert (restore["recorded_until"], restore["reconciled_at"] is not None) == (at, True)
    assert not (await list_systems(restored))[0].is_confirmed

    async def confirmed(actor: str) -> bool:
        query = DirectoryQuery(on=at.date(), actors=(actor,))
        [authority] = (await answer_query(restored, query)).authorities
        return authority.is_confirmed

    assert not await confirmed("m.okafor")
    assert not await confirmed("portal")
    assert await confirm(restored, "staff", ["m.okafor", "nobody"], "ops.lee", now()) == ["m.okafor"]
    assert await confirmed("m.okafor")
    await update_members(restored, ["n.new"], lambda _: [Member(id="n.new", name="N.")], at=now(), by="test")
    assert await confirmed("n.new")
    assert await confirm(restored, "system", ["portal"], "ops.lee", now()) == ["portal"]
    assert (await list_systems(restored))[0].is_confirmed
    assert len(await list_unconfirmed(restored, "staff")) == len(ALL_STAFF) - 1
    _, report = await list_then_reconcile(complaint, restored)
    assert report == []
    assert await confirmed("m.okafor")


async def test_an_unfinished_reconcile_goes_on_with_the_same_mark(
    opener: ComplaintOpener, restored: AsyncEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    complaint = await long_complaint(opener)
    with monkeypatch.context() as patch:
        patch.setattr("worker.replay.reconcile.write_transition", interrupted)
        with pytest.raises(KeyboardInterrupt):
            await list_then_reconcile(complaint, restored)
    [first] = await read_restores(restored)
    await list_then_reconcile(complaint, restored)
    [restore] = await read_restores(restored)
    assert (restore["found_at"], first["reconciled_at"]) == (first["found_at"], None)
    assert restore["reconciled_at"]
    await lose(restored, complaint, 2)
    await list_then_reconcile(complaint, restored)
    assert len(await read_restores(restored)) == 2


async def interrupted(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


async def test_a_record_that_is_only_late_is_not_taken_for_a_restored_one(
    client: Client, engine: AsyncEngine, restored: AsyncEngine
) -> None:
    """Its recordings still wait: no activity has written them."""

    async def unavailable(_: Transition) -> Written:
        raise RecordUnreachableError("it is away")

    async with make_worker(client, engine, "late", backlog=RecordingBacklog(unavailable)):
        complaint = await ComplaintOpener(client, engine, "late").open()
        last = (await complaint.query_history()).sequence
    _, report = await list_then_reconcile(complaint, restored, task_queue="late")
    assert report == [f"{complaint.reference}: events 1 to {last} missing, recorded again"]
    assert await read_restores(restored) == []


async def test_an_unconfirmed_member_of_staff_gets_a_code_of_its_own(client: Client, restored: AsyncEngine) -> None:
    queue = "unconfirmed"
    ids = [each.id for each in ALL_STAFF]
    await update_members(restored, ids, lambda _: ALL_STAFF, at=now(), by="test")
    async with make_worker(client, restored, queue):
        complaint = await ComplaintOpener(client, restored, queue).open()
        await complaint.wait_until_recorded()
        await reconcile_record(client, restored, task_queue=queue, is_restored=True)
        answer = await complaint.do(acts.Acknowledge)
        assert answer.code == Code.UNCONFIRMED
        assert answer.sentence == (
            "m.okafor must be confirmed since the record was restored: python -m worker confirm staff m.okafor."
        )
        await confirm(restored, "staff", ["m.okafor"], "ops.lee", now())
        assert (await complaint.do(acts.Acknowledge)).code == "done"
