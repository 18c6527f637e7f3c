"""The staff directory authorises every act, update or signal (R11)."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Replayer

from activities.directory import ASK_DIRECTORY
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.dates.allowance import Allowance
from complaints.records import queries
from complaints.records.database import make_engine
from complaints.runtime.clock import now as real_now
from complaints.temporal.client import DATA_CONVERTER
from local.ephemeral_stack import EphemeralStack
from tests.fixtures.tcp_proxy import Line
from tests.workflows.complaint_driver import MONDAY, Case, Desk
from worker.composition import make_worker
from worker.connections import MAX_CONCURRENT_RECORDINGS
from workflows.complaint import ComplaintWorkflow

BY_HAND = load_policy("tries-by-hand")
MANAGER, *LATER = BY_HAND.tiers
IMPATIENT = BY_HAND.model_copy(
    update={"tiers": (MANAGER.model_copy(update={"acknowledge_within": Allowance(seconds=3)}), *LATER)}
)
"""An acknowledgement is due three seconds after receipt."""
NOT_UPHELD = {"outcome": "not_upheld", "findings": "It was right."}


async def at_the_assessors(case: Case) -> None:
    for staff in ("m.okafor", "t.abara"):
        assert (await case.tell(acts.Reply, by=staff, **NOT_UPHELD)).code == "done"
        assert (await case.tell(acts.Escalate, by="intake")).code == "done"


REFUSED: tuple[tuple[str, type[Act], str, dict[str, Any]], ...] = (
    ("unknown_staff", acts.Acknowledge, "stranger", {}),
    ("unknown_staff", acts.Withdraw, "stranger", {}),
    ("unknown_staff", acts.Reassign, "lead", {"to": "stranger", "reason": "On leave."}),
    ("inactive_staff", acts.Acknowledge, "left.in.2021", {}),
    ("wrong_role", acts.Acknowledge, "t.abara", {}),
    ("wrong_role", acts.Acknowledge, "intake", {}),
    ("wrong_role", acts.CloseInError, "m.silva", {"reason": "Twice."}),
    ("was_case_handler", acts.Acknowledge, "h.lee", {}),
)
REFUSED_AT_THE_ASSESSORS: tuple[tuple[str, type[Act], str, dict[str, Any]], ...] = (
    ("acted_earlier", acts.AcceptReview, "m.okafor", {"exceptionally": "It lasts."}),
    ("assessor_holds_other_role", acts.AcceptReview, "ivy", {"exceptionally": "It lasts."}),
)


async def test_each_refusal_is_answered_through_an_update_and_on_the_record_through_a_raw_signal(desk: Desk) -> None:
    case = await desk.open()
    await refused(case, REFUSED)
    await at_the_assessors(case)
    await refused(case, REFUSED_AT_THE_ASSESSORS)
    assert (await case.tell(acts.AcceptReview, by="ida", exceptionally="It lasts.")).code == "done"
    await case.agree()


async def refused(case: Case, tried: tuple[tuple[str, type[Act], str, dict[str, Any]], ...]) -> None:
    """Nothing but the record, and the lead's alert, has changed."""
    before = await case.quiet()
    for number, (code, act_type, by, fields) in enumerate(tried):
        assert (await case.tell(act_type, by=by, **fields)).code == code
        await case.handle.signal(act_type.name, {"id": f"raw {act_type.name} {number}", "by": by, **fields})
    after = await case.quiet()
    kinds = [event.kind for event in after.events if event.sequence > before.sequence]
    assert kinds == ["refused", "alerted"] * 2 * len(tried)
    recorded = await queries.read_events(case.engine, case.reference)
    codes = [e.detail["code"] for e in recorded.values() if e.sequence > before.sequence and e.kind == "refused"]
    assert codes == [code for code, *_ in tried for _ in ("update", "signal")]
    assert after.model_dump(exclude={"events", "sequence"}) == before.model_dump(exclude={"events", "sequence"})


async def test_two_managers_who_answer_at_the_same_moment_leave_one_reply_and_one_clear_refusal(desk: Desk) -> None:
    case = await desk.open()
    answers = await asyncio.gather(
        *(case.tell(acts.Reply, by=staff, outcome="upheld", findings="Slow.") for staff in ("m.okafor", "m.silva"))
    )
    assert sorted(answer.code for answer in answers) == ["already_done", "done"]
    [sentence] = [answer.sentence for answer in answers if answer.code == "already_done"]
    assert sentence.startswith("Manager replied on Mon 3 Mar 2031")
    assert (await case.kinds())["reply"] == 1


async def test_a_repeated_act_is_answered_without_a_directory_lookup(desk: Desk) -> None:
    case = await desk.open()
    act = case.act(acts.Acknowledge, "m.okafor")
    first = await case.update(act)
    before = await asked(case)
    assert await case.handle.execute_update(act.name, act, id="again", result_type=type(first)) == first
    assert await asked(case) == before


async def asked(case: Case) -> int:
    """Count the local activities that queried the directory."""
    markers = [event.marker_recorded_event_attributes for event in (await case.handle.fetch_history()).events]
    payloads = [payload.data.decode() for marker in markers for payload in marker.details["data"].payloads]
    return sum(ASK_DIRECTORY in payload for payload in payloads)


@pytest.mark.parametrize("door", ["update", "signal"])
async def test_an_act_before_a_deadline_is_in_time_although_the_directory_answers_after_it(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, door: str
) -> None:
    """In real time. The worker has no copy of the directory, and PostgreSQL is unavailable."""
    async with Line.to(stack.database_url) as line:
        line.refuse()
        behind = make_engine(line.url, pool_size=MAX_CONCURRENT_RECORDINGS)
        now = real_now()
        desk = Desk(client, engine, f"knows-nobody-{door}")
        async with make_worker(client, behind, desk.task_queue):
            case = await desk.open(now=now, policy=IMPATIENT, received_at=now, told_case_handler_on=str(now.date()))
            act = case.act(acts.Acknowledge, "m.okafor")
            waiting = asyncio.create_task(case.send(act, as_signal=door == "signal"))
            await asyncio.sleep(1)
            await case.handle.signal("bogus")
            await case.handle.cancel()
            await asyncio.sleep(3)
            assert (await case.story()).status == "awaiting_acknowledgement"
            assert waiting.done() == (door == "signal")
            line.revive()
            await waiting
            story = await case.agree()
        await behind.dispose()
    events = [event for event in story.events if event.kind in ("acknowledge", "refused", "lapsed")]
    assert [event.kind for event in events] == ["acknowledge", "refused", "refused"]
    assert story.deadlines[0].met_at == events[0].at < now + timedelta(seconds=2)
    await replay(case)


async def test_the_cached_directory_authorises_while_postgresql_is_unavailable(
    stack: EphemeralStack, client: Client, engine: AsyncEngine
) -> None:
    async with Line.to(stack.database_url) as line:
        behind = make_engine(line.url, pool_size=MAX_CONCURRENT_RECORDINGS)
        async with make_worker(client, behind, "knew-everybody"):
            case = await Desk(client, engine, "knew-everybody").open()
            line.refuse()
            assert (await case.tell(acts.Acknowledge, by="stranger")).code == "unknown_staff"
            assert (await case.tell(acts.Acknowledge)).code == "done"
            line.revive()
            await case.agree()
        await behind.dispose()
    await replay(case)


async def test_a_complaint_that_comes_to_a_manager_is_given_to_one_who_is_well_placed(desk: Desk) -> None:
    case = await desk.open()
    story = await case.agree()
    assert story.holder == "m.okafor"
    given = next(event for event in story.events if event.kind == "given_to")
    assert given.at == story.opened_at
    await case.tell(acts.Reply, by="m.silva", **NOT_UPHELD)
    assert (await case.agree()).holder == "m.okafor"
    await replay(case)


async def test_the_lead_is_alerted_where_nobody_can_hold_the_complaint(desk: Desk) -> None:
    case = await desk.open(case={"reference": "K-1", "open": True, "handler": "m.okafor"})
    story = await case.agree()
    assert story.holder is None
    assert [event.what for event in story.events if event.kind == "alerted"] == ["Manager: nobody is there to hold it"]


async def test_a_reminder_to_an_absent_holder_alerts_the_lead_too(desk: Desk) -> None:
    here, away = await desk.open(), await desk.open()
    await away.tell(acts.Reassign, by="lead", to="away", reason="She knows the file.")
    for case, alerts in ((here, []), (away, ["holder_away"])):
        await case.until(MONDAY + timedelta(days=1, hours=1))
        story = await case.agree()
        assert [event.kind for event in story.events].count("reminded") == 1
        recorded = await queries.read_events(case.engine, case.reference)
        occasions = [event.detail["occasion"] for event in recorded.values() if event.kind == "alerted"]
        assert occasions == alerts
        await replay(case)


async def replay(case: Case) -> None:
    """Replay the history. Raises where it differs."""
    history = await case.handle.fetch_history()
    await Replayer(workflows=[ComplaintWorkflow], data_converter=DATA_CONVERTER).replay_workflow(history)
