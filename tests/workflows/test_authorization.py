"""The staff directory authorises every act, update or signal (R11)."""

import asyncio
from datetime import timedelta
from itertools import chain
from typing import Any

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.directory import ASK_DIRECTORY
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.dates.allowance import Allowance
from complaints.records import queries
from complaints.records.database import make_engine
from complaints.records.personal.encryption import keys_of
from complaints.runtime.clock import now as real_now
from local.ephemeral_stack import EphemeralStack
from tests.fixtures.tcp_proxy import TcpProxy
from tests.workflows.complaint_driver import MONDAY, ComplaintDriver, ComplaintOpener
from worker.composition import make_worker
from worker.connections import MAX_CONCURRENT_RECORDINGS
from worker.replay.replayer import make_replayer
from workflows.complaint import ComplaintWorkflow

BY_HAND = load_policy("tries-by-hand")
MANAGER, *LATER = BY_HAND.tiers
DUE_SECONDS = 6
IMPATIENT = BY_HAND.model_copy(
    update={"tiers": (MANAGER.model_copy(update={"acknowledge_within": Allowance(seconds=DUE_SECONDS)}), *LATER)}
)
"""An acknowledgement is due DUE_SECONDS after receipt, in real time."""
NOT_UPHELD = {"outcome": "not_upheld", "findings": "It was right."}


async def escalate_to_assessor(complaint: ComplaintDriver) -> None:
    for staff in ("m.okafor", "t.abara"):
        assert (await complaint.do(acts.Reply, by=staff, **NOT_UPHELD)).code == "done"
        assert (await complaint.do(acts.Escalate, by="intake")).code == "done"


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


async def test_a_refused_update_is_answered_and_a_refused_signal_is_recorded(
    opener: ComplaintOpener,
) -> None:
    complaint = await opener.open()
    await check_refusals(complaint, REFUSED)
    await escalate_to_assessor(complaint)
    await check_refusals(complaint, REFUSED_AT_THE_ASSESSORS)
    assert (await complaint.do(acts.AcceptReview, by="ida", exceptionally="It lasts.")).code == "done"
    await complaint.check_agreement()


async def check_refusals(
    complaint: ComplaintDriver, attempts: tuple[tuple[str, type[Act], str, dict[str, Any]], ...]
) -> None:
    """Check that each attempt changes only the record, and alerts the lead once a day."""
    before = await complaint.wait_until_recorded()
    for number, (code, act_type, by, fields) in enumerate(attempts):
        assert (await complaint.do(act_type, by=by, **fields)).code == code
        await complaint.handle.signal(act_type.name, {"id": f"raw {act_type.name} {number}", "by": by, **fields})
    after = await complaint.wait_until_recorded()
    kinds = [event.kind for event in after.events if event.sequence > before.sequence]
    firsts = {(code, by): number for number, (code, _, by, _) in reversed([*enumerate(attempts)])}.values()
    expected = [
        ["refused", "alerted", "refused"] if number in firsts else ["refused"] * 2 for number in range(len(attempts))
    ]
    assert kinds == [*chain.from_iterable(expected)]
    recorded = await queries.read_events(complaint.engine, complaint.reference)
    codes = [e.detail["code"] for e in recorded.values() if e.sequence > before.sequence and e.kind == "refused"]
    assert codes == [code for code, *_ in attempts for _ in ("update", "signal")]
    assert after.model_dump(exclude={"events", "sequence"}) == before.model_dump(exclude={"events", "sequence"})


async def test_the_second_of_two_simultaneous_replies_is_refused_with_the_date_of_the_first(
    opener: ComplaintOpener,
) -> None:
    complaint = await opener.open()
    answers = await asyncio.gather(
        *(complaint.do(acts.Reply, by=staff, outcome="upheld", findings="Slow.") for staff in ("m.okafor", "m.silva"))
    )
    assert sorted(answer.code for answer in answers) == ["already_done", "done"]
    [sentence] = [answer.sentence for answer in answers if answer.code == "already_done"]
    assert sentence.startswith("Manager replied on Mon 3 Mar 2031")
    assert (await complaint.count_events())["reply"] == 1


async def test_a_repeated_act_is_answered_without_a_directory_lookup(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    act = complaint.build_act(acts.Acknowledge, "m.okafor")
    first = await complaint.update(act)
    before = await count_directory_lookups(complaint)
    assert await complaint.handle.execute_update(act.name, act, id="again", result_type=type(first)) == first
    assert await count_directory_lookups(complaint) == before


async def count_directory_lookups(complaint: ComplaintDriver) -> int:
    """Count the local activities that queried the directory."""
    markers = [event.marker_recorded_event_attributes for event in (await complaint.handle.fetch_history()).events]
    payloads = [payload.data.decode() for marker in markers for payload in marker.details["data"].payloads]
    return sum(ASK_DIRECTORY in payload for payload in payloads)


@pytest.mark.parametrize("sent_as", ["update", "signal"])
async def test_an_act_before_a_deadline_is_in_time_even_if_the_directory_answers_later(
    stack: EphemeralStack, client: Client, engine: AsyncEngine, sent_as: str
) -> None:
    """In real time. The worker has no copy of the directory, and PostgreSQL is unavailable."""
    async with TcpProxy.to(stack.database_url) as tcp_proxy:
        tcp_proxy.refuse()
        behind = make_engine(tcp_proxy.url, keys=keys_of(engine), pool_size=MAX_CONCURRENT_RECORDINGS)
        now = real_now()
        opener = ComplaintOpener(client, engine, f"without-directory-{sent_as}")
        async with make_worker(client, behind, opener.task_queue):
            complaint = await opener.open(
                now=now, policy=IMPATIENT, received_at=now, told_case_handler_on=str(now.date())
            )
            act = complaint.build_act(acts.Acknowledge, "m.okafor")
            waiting = asyncio.create_task(complaint.send(act, as_signal=sent_as == "signal"))
            await asyncio.sleep(1)
            await complaint.handle.signal("bogus")
            await complaint.handle.cancel()
            await asyncio.sleep(DUE_SECONDS)  # past the deadline
            assert (await complaint.query_history()).status == "awaiting_acknowledgement"
            assert waiting.done() == (sent_as == "signal")
            tcp_proxy.restore()
            await waiting
            history = await complaint.check_agreement()
        await behind.dispose()
    events = [event for event in history.events if event.kind in ("acknowledge", "refused", "lapsed")]
    assert [event.kind for event in events] == ["acknowledge", "refused", "refused"]
    assert history.deadlines[0].met_at == events[0].at < now + timedelta(seconds=DUE_SECONDS)
    await replay(complaint)


async def test_the_cached_directory_authorises_while_postgresql_is_unavailable(
    stack: EphemeralStack, client: Client, engine: AsyncEngine
) -> None:
    async with TcpProxy.to(stack.database_url) as tcp_proxy:
        behind = make_engine(tcp_proxy.url, keys=keys_of(engine), pool_size=MAX_CONCURRENT_RECORDINGS)
        async with make_worker(client, behind, "with-cached-directory"):
            complaint = await ComplaintOpener(client, engine, "with-cached-directory").open()
            tcp_proxy.refuse()
            assert (await complaint.do(acts.Acknowledge, by="stranger")).code == "unknown_staff"
            assert (await complaint.do(acts.Acknowledge)).code == "done"
            tcp_proxy.restore()
            await complaint.check_agreement()
        await behind.dispose()
    await replay(complaint)


async def test_a_new_complaint_is_assigned_to_an_eligible_manager(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    history = await complaint.check_agreement()
    assert history.holder == "m.okafor"
    assigned = next(event for event in history.events if event.kind == "given_to")
    assert assigned.at == history.opened_at
    await complaint.do(acts.Reply, by="m.silva", **NOT_UPHELD)
    assert (await complaint.check_agreement()).holder == "m.okafor"
    await replay(complaint)


async def test_the_lead_is_alerted_when_there_is_no_eligible_holder(opener: ComplaintOpener) -> None:
    complaint = await opener.open(case={"reference": "K-1", "open": True, "handler": "m.okafor"})
    history = await complaint.check_agreement()
    assert history.holder is None
    assert [event.what for event in history.events if event.kind == "alerted"] == [
        "Manager: nobody is there to hold it; acknowledgement due by the end of Wed 5 Mar 2031"
    ]


async def test_a_reminder_to_an_absent_holder_alerts_the_lead_too(opener: ComplaintOpener) -> None:
    here, away = await opener.open(), await opener.open()
    await away.do(acts.Reassign, by="lead", to="away", reason="She knows the file.")
    for complaint, alerts in ((here, []), (away, ["holder_away"])):
        await complaint.advance_to(MONDAY + timedelta(days=1, hours=1))
        history = await complaint.check_agreement()
        assert [event.kind for event in history.events].count("reminded") == 1
        recorded = await queries.read_events(complaint.engine, complaint.reference)
        occasions = [event.detail["occasion"] for event in recorded.values() if event.kind == "alerted"]
        assert [occasion for occasion in occasions if occasion != "given"] == alerts
        await replay(complaint)


async def replay(complaint: ComplaintDriver) -> None:
    """Replay the history. Raises where it differs."""
    history = await complaint.handle.fetch_history()
    await make_replayer(ComplaintWorkflow, client=complaint.client).replay_workflow(history)
