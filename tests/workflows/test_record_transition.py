"""Query, record and search attributes agree, also after PostgreSQL was unavailable."""

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client

from activities.directory import ASK_DIRECTORY
from activities.record import RECORD
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.dates.allowance import Allowance
from complaints.procedure.views.views import Transition
from complaints.records.database import make_engine
from complaints.records.personal.encryption import keys_of
from complaints.runtime.clock import now as real_now
from local.ephemeral_stack import EphemeralStack
from tests.fixtures.tcp_proxy import TcpProxy
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener
from worker.composition import make_worker
from worker.connections import MAX_CONCURRENT_RECORDINGS

UNHURRIED = load_policy("tries-by-hand")
MANAGER = UNHURRIED.tiers[0]
IMPATIENT = UNHURRIED.model_copy(
    update={
        "tiers": (
            MANAGER.model_copy(update={"acknowledge_within": Allowance(seconds=1)}),
            *UNHURRIED.tiers[1:],
        )
    }
)
"""An acknowledgement is due a second after receipt."""

ANSWER_TIMEOUT_SECONDS = 3.0
CATCH_UP_TIMEOUT_SECONDS = 60.0


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def advance_and_compare(complaint: ComplaintDriver, instant: datetime) -> None:
    """Advance from each due event to the next, and compare after each."""
    while (due := (await complaint.check_agreement()).next_due_at) and due <= instant:
        await complaint.advance_to(due)
    await complaint.advance_to(instant)
    await complaint.check_agreement()


async def test_query_record_and_search_attributes_agree_after_every_event(opener: ComplaintOpener) -> None:
    concerns = [
        {"aspect": "delay", "what_happened": "Nobody rang me back."},
        {"aspect": "outcome", "what_happened": "The answer is wrong."},
    ]
    complaint = await opener.open(concerns=concerns)
    steps: list[tuple[datetime, type[acts.Act], dict[str, Any]]] = [
        (at("2031-03-07T10:00"), acts.Acknowledge, {}),
        (at("2031-03-10T10:00"), acts.Reassign, {"to": "m.silva", "reason": "On leave."}),
        (at("2031-03-10T11:00"), acts.Extend, {"to": "2031-03-28", "explanation": "We wait for records."}),
        (
            at("2031-03-27T10:00"),
            acts.Reply,
            {
                "outcome": "partly_upheld",
                "findings": "We were slow.",
                "remedies": [{"kind": "compensation", "pence": 7_500}],
            },
        ),
        (at("2031-03-28T10:00"), acts.CaseClosed, {"by": "case-system"}),
        (at("2031-04-02T10:00"), acts.Escalate, {"by": "intake", "reason": "Nobody rang still."}),
        (at("2031-04-17T10:00"), acts.Reply, {"by": "t.jones", "outcome": "not_upheld", "findings": "We agree."}),
        (at("2031-04-22T10:00"), acts.Escalate, {"by": "intake"}),
        (at("2031-04-23T10:00"), acts.AcceptReview, {"by": "i.assessor"}),
        (
            at("2031-05-13T10:00"),
            acts.GiveOpinion,
            {
                "by": "i.assessor",
                "satisfactory": False,
                "explanation": "You were kept waiting.",
                "recommendations": [{"kind": "apology"}, {"kind": "action", "what": "Ring back."}],
            },
        ),
        (at("2031-05-14T10:00"), acts.AnswerRecommendation, {"by": "l.one", "recommendation": 1, "accepted": True}),
        (
            at("2031-05-14T11:00"),
            acts.AnswerRecommendation,
            {"by": "l.one", "recommendation": 2, "accepted": False, "reason": "We rang."},
        ),
        (at("2031-05-20T10:00"), acts.CarryOut, {"by": "l.one", "undertaking": 2}),
        (at("2031-05-21T10:00"), acts.CarryOut, {"by": "l.one", "undertaking": 1}),
    ]
    for instant, act_type, fields in steps:
        await advance_and_compare(complaint, instant)
        answer = await complaint.do(act_type, **fields)
        assert answer.code == "done", answer
    assert (await complaint.check_agreement()).closing_reason == "opinion_given"


async def test_only_timer_driven_events_are_recorded_by_a_local_activity(opener: ComplaintOpener) -> None:
    """A workflow task that is lost with its worker is retried at another time, with other acts."""
    complaint = await opener.open()
    await complaint.do(acts.Acknowledge)
    await complaint.wait_until_recorded()
    first = await recordings(complaint)
    assert set(first) == {"activity"}
    await complaint.advance_to(at("2031-03-25T10:00"))
    kinds = (await complaint.check_agreement()).events
    assert {"reminded", "lapsed", "escalated_on_lapse"} <= {event.kind for event in kinds}
    assert set((await recordings(complaint))[len(first) :]) == {"local activity"}


async def test_only_the_first_complaint_under_a_policy_sends_it(opener: ComplaintOpener) -> None:
    policy = load_policy().model_copy(update={"version": "of this test"})
    for expected in ([False, True], [False]):
        complaint = await opener.open(policy=policy)
        await complaint.check_agreement()
        sent = [transition for transition in await sent_transitions(complaint) if transition.events[0].sequence == 1]
        assert [transition.new_policy is not None for transition in sent] == expected
        assert [transition.new_calendar is not None for transition in sent] == expected


async def sent_transitions(complaint: ComplaintDriver) -> list[Transition]:
    """Return what the complaint handed to the activity that records."""
    history = await complaint.handle.fetch_history()
    scheduled = [event.activity_task_scheduled_event_attributes for event in history.events]
    sent = [each.input.payloads for each in scheduled if each.activity_type.name == RECORD]
    return [(await complaint.client.data_converter.decode(payloads, [Transition]))[0] for payloads in sent]


async def recordings(complaint: ComplaintDriver) -> list[str]:
    """Return how each batch was recorded, in order."""
    how = {
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "activity",
        EventType.EVENT_TYPE_MARKER_RECORDED: "local activity",
    }
    history = await complaint.handle.fetch_history()
    return [
        how[event.event_type] for event in history.events if event.event_type in how and not is_directory_lookup(event)
    ]


def is_directory_lookup(event: HistoryEvent) -> bool:
    """Return whether a marker is that of a directory lookup."""
    payloads = event.marker_recorded_event_attributes.details["data"].payloads
    return any(json.loads(payload.data)["activity_type"] == ASK_DIRECTORY for payload in payloads)


async def test_acts_without_postgresql_are_answered_at_once_and_recorded_later(
    stack: EphemeralStack, client: Client, engine: AsyncEngine
) -> None:
    async with TcpProxy.to(stack.database_url) as tcp_proxy:
        behind = make_engine(tcp_proxy.url, keys=keys_of(engine), pool_size=MAX_CONCURRENT_RECORDINGS)
        async with make_worker(client, behind, "behind-the-proxy"):
            complaint = await ComplaintOpener(client, engine, "behind-the-proxy").open()
            await complaint.wait_until_recorded()
            for interrupt in (tcp_proxy.refuse, tcp_proxy.stall):
                interrupt()
                for act_type, fields in (
                    (acts.Reassign, {"by": "lead", "to": f"m.{len(interrupt.__name__)}", "reason": "On leave."}),
                    (acts.CaseClosed, {"by": "case-system"}),
                    (acts.CaseReopened, {"by": "case-system"}),
                ):
                    async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                        assert (await complaint.do(act_type, **fields)).code == "done"
                tcp_proxy.restore()
                async with asyncio.timeout(CATCH_UP_TIMEOUT_SECONDS):
                    await complaint.check_agreement()
        await behind.dispose()


async def test_after_a_time_without_worker_due_events_come_before_acts(client: Client, engine: AsyncEngine) -> None:
    """In real time: a timer fires and a signal comes, both before the worker returns."""
    opener = ComplaintOpener(client, engine, "sometimes-without-worker")
    now = real_now()
    async with make_worker(client, engine, opener.task_queue):
        complaint = await opener.open(now=now, policy=IMPATIENT, received_at=now, told_case_handler_on=str(now.date()))
        await complaint.wait_until_recorded()
    await asyncio.sleep(1.5)
    await complaint.signal(acts.Acknowledge)
    async with make_worker(client, engine, opener.task_queue):
        history = await complaint.wait_until_recorded()
    kinds = [event.kind for event in history.events]
    assert kinds.count("lapsed") == 1
    assert kinds.index("lapsed") < kinds.index("acknowledge")
    lapse = history.events[kinds.index("lapsed")]
    assert lapse.at == history.deadlines[0].at == now + timedelta(seconds=1)
