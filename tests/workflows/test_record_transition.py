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
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.dates.allowance import Allowance
from complaints.records.database import make_engine
from complaints.runtime.clock import now as real_now
from local.ephemeral_stack import EphemeralStack
from tests.fixtures.tcp_proxy import Line
from tests.workflows.complaint_driver import Case, Desk
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

ANSWER_WITHIN = 3.0
CAUGHT_UP_WITHIN = 10.0


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def live_until(case: Case, instant: datetime) -> None:
    """Advance from each due event to the next, and compare after each."""
    while (due := (await case.agree()).next_due_at) and due <= instant:
        await case.until(due)
    await case.until(instant)
    await case.agree()


async def test_query_record_and_search_attributes_agree_at_every_step_of_a_long_story(desk: Desk) -> None:
    concerns = [
        {"aspect": "delay", "what_happened": "Nobody rang me back."},
        {"aspect": "outcome", "what_happened": "The answer is wrong."},
    ]
    case = await desk.open(concerns=concerns)
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
        await live_until(case, instant)
        answer = await case.tell(act_type, **fields)
        assert answer.code == "done", answer
    assert (await case.agree()).closing_reason == "opinion_given"


async def test_only_timer_driven_events_are_recorded_by_a_local_activity(desk: Desk) -> None:
    """A workflow task that is lost with its worker is retried at another time, with other acts."""
    case = await desk.open()
    await case.tell(acts.Acknowledge)
    await case.quiet()
    first = await recordings(case)
    assert set(first) == {"activity"}
    await case.until(at("2031-03-25T10:00"))
    kinds = (await case.agree()).events
    assert {"reminded", "lapsed", "escalated_on_lapse"} <= {event.kind for event in kinds}
    assert set((await recordings(case))[len(first) :]) == {"local activity"}


async def recordings(case: Case) -> list[str]:
    """Return how each batch was recorded, in order."""
    how = {
        EventType.EVENT_TYPE_ACTIVITY_TASK_SCHEDULED: "activity",
        EventType.EVENT_TYPE_MARKER_RECORDED: "local activity",
    }
    history = await case.handle.fetch_history()
    return [how[event.event_type] for event in history.events if event.event_type in how and not is_asked(event)]


def is_asked(event: HistoryEvent) -> bool:
    """Return whether a marker is that of a directory lookup."""
    payloads = event.marker_recorded_event_attributes.details["data"].payloads
    return any(json.loads(payload.data)["activity_type"] == ASK_DIRECTORY for payload in payloads)


async def test_acts_are_answered_without_postgresql_and_recorded_on_its_return(
    stack: EphemeralStack, client: Client, engine: AsyncEngine
) -> None:
    async with Line.to(stack.database_url) as line:
        behind = make_engine(line.url, pool_size=MAX_CONCURRENT_RECORDINGS)
        async with make_worker(client, behind, "behind-the-line"):
            case = await Desk(client, engine, "behind-the-line").open()
            await case.quiet()
            for away in (line.refuse, line.die):
                away()
                for act_type, fields in (
                    (acts.Reassign, {"by": "lead", "to": f"m.{len(away.__name__)}", "reason": "On leave."}),
                    (acts.CaseClosed, {"by": "case-system"}),
                    (acts.CaseReopened, {"by": "case-system"}),
                ):
                    async with asyncio.timeout(ANSWER_WITHIN):
                        assert (await case.tell(act_type, **fields)).code == "done"
                line.revive()
                async with asyncio.timeout(CAUGHT_UP_WITHIN):
                    await case.agree()
        await behind.dispose()


async def test_what_fell_due_while_no_worker_ran_happens_first_then_the_acts_that_came(
    client: Client, engine: AsyncEngine
) -> None:
    """In real time: a timer fires and a signal comes, both before the worker returns."""
    desk = Desk(client, engine, "now-and-then")
    now = real_now()
    async with make_worker(client, engine, desk.task_queue):
        case = await desk.open(now=now, policy=IMPATIENT, received_at=now, told_case_handler_on=str(now.date()))
        await case.quiet()
    await asyncio.sleep(1.5)
    await case.signal(acts.Acknowledge)
    async with make_worker(client, engine, desk.task_queue):
        story = await case.quiet()
    kinds = [event.kind for event in story.events]
    assert kinds.count("lapsed") == 1
    assert kinds.index("lapsed") < kinds.index("acknowledge")
    lapse = story.events[kinds.index("lapsed")]
    assert lapse.at == story.deadlines[0].at == now + timedelta(seconds=1)
