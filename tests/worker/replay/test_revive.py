"""A complaint whose workflow was terminated or lost goes on from the record."""

import asyncio

from complaints.procedure import acts
from complaints.procedure.enums import EventKind
from complaints.procedure.views.views import Transition
from complaints.records import queries
from complaints.records.database import RecordUnreachableError
from complaints.records.transitions import Written
from tests.fixtures.servers import delete_workflow
from tests.worker.replay.loss import open_today, reconcile_of, recorded_kinds, revive
from tests.workflows.complaint_driver import MONDAY, ComplaintDriver, ComplaintOpener, at_virtual_start
from worker.composition import make_worker
from worker.observability.recording_backlog import RecordingBacklog
from worker.replay.not_running import count_not_running, find_latest_run


async def test_a_deleted_workflow_goes_on_and_knows_its_acts(alone: ComplaintOpener) -> None:
    complaint = await open_today(alone)
    first, refused = (
        complaint.build_act(acts.Acknowledge, "m.okafor"),
        complaint.build_act(acts.Reassign, "m.okafor", to="nobody", reason="x"),
    )
    answers = [await complaint.update(act) for act in (first, refused)]
    before = await complaint.wait_until_recorded()
    await delete_workflow(alone.client, complaint.reference)
    result, _ = await revive(alone, dry_run=True)
    assert result.started == {complaint.reference}
    assert await find_latest_run(alone.client, complaint.reference) is None
    result, report = await revive(alone)
    assert (result.started, result.to_look_at, len(report)) == ({complaint.reference}, set(), 1)
    after = await complaint.wait_until_recorded()
    assert [event.kind for event in after.events[len(before.events) :]] == ["revived"]
    assert after.deadlines == before.deadlines
    assert [await complaint.update(act) for act in (first, refused)] == answers
    assert (await complaint.query_history()).sequence == after.sequence
    await complaint.send(acts.Withdraw(id=first.id, by="intake"), as_signal=True)
    taken = (await complaint.wait_until_recorded()).events[-1]
    assert (taken.kind, taken.what.partition(": ")[2]) == (EventKind.REFUSED, "id taken")
    result, _ = await revive(alone)
    assert (result.started, result.running) == (set(), {complaint.reference})
    await recorded_kinds(complaint)


async def test_what_fell_due_without_a_workflow_lapses_at_its_own_instant(alone: ComplaintOpener) -> None:
    left, lost = [await alone.open() for _ in range(2)]
    for complaint in (left, lost):
        await complaint.do(acts.Acknowledge)
        await complaint.wait_until_recorded()
    await lost.handle.terminate("by mistake")
    assert await count_not_running(alone.client, alone.engine, alone.task_queue) == 1
    _, report = await reconcile_of(alone)
    asked = f"run python -m worker revive {lost.reference}"
    assert report == [f"{lost.reference}: open on the record, but its workflow was terminated; {asked}"]
    later = MONDAY.replace(month=4, day=20)
    result, _ = await revive(alone, client=at_virtual_start(alone.client, later))
    assert result.started == {lost.reference}
    await asyncio.gather(left.advance_to(later), lost.advance_to(later))
    expected, actual = [await each.wait_until_recorded() for each in (left, lost)]
    both = [
        [(event.at, event.kind) for event in history.events if event.at > MONDAY.replace(day=4)]
        for history in (expected, actual)
    ]
    assert both[0] == [each for each in both[1] if each[1] != "revived"]
    assert {"lapsed", "revived"} <= {kind for _, kind in both[1]}


async def test_a_terminated_workflow_loses_no_act_that_temporal_has(alone: ComplaintOpener) -> None:
    async def refuse(_: Transition) -> Written:
        raise RecordUnreachableError("PostgreSQL is unavailable")

    queue = f"{alone.task_queue} twice"
    opener = ComplaintOpener(alone.client, alone.engine, queue)
    async with make_worker(alone.client, alone.engine, queue):
        complaint = await open_today(opener)
        await complaint.wait_until_recorded()
    async with make_worker(alone.client, alone.engine, queue, backlog=RecordingBacklog(refuse)):
        answered = await complaint.do(acts.Acknowledge)
        assert answered.code == "done"
        await complaint.do(acts.AddInformation, by="intake", note="She rang.")
    signalled = complaint.build_act(acts.CaseClosed, "case-system")
    await complaint.send(signalled, as_signal=True)
    await complaint.handle.terminate("by mistake")
    result, report = await revive(opener)
    assert (result.started, result.to_look_at) == ({complaint.reference}, set())
    assert "with 1 act that nobody had applied" in report[0]
    later = asyncio.create_task(complaint.do(acts.ChangeContact, by="intake", address="1 Low Street"))
    async with make_worker(alone.client, alone.engine, queue):
        await later
        history = await complaint.wait_until_recorded()
    kinds = await recorded_kinds(complaint)
    assert kinds.index("case_closed") < kinds.index("change_contact")
    assert [kinds.count(kind) for kind in ("acknowledge", "add_information", "case_closed", "revived")] == [1] * 4
    assert "She rang." in str(await queries.read_free_text(alone.engine, complaint.reference))
    assert not history.case_open
    compared, report = await reconcile_of(opener)
    assert (compared.different, compared.restarted, report) == (set(), set(), [])
    result, _ = await revive(opener)
    assert (result.started, result.running) == (set(), {complaint.reference})


async def test_a_closed_complaint_that_may_be_reopened_is_revived(alone: ComplaintOpener) -> None:
    complaint: ComplaintDriver = await alone.open()
    await complaint.do(acts.Withdraw, by="intake")
    await complaint.wait_until_recorded()
    await complaint.handle.terminate("by mistake")
    result, _ = await revive(alone, "NO-SUCH", complaint.reference)
    assert (result.started, result.to_look_at) == ({complaint.reference}, {"NO-SUCH"})
