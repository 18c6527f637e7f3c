"""Records the histories that the tests and `python -m worker verify` replay: `make histories`.

Lives the demo's stories, every act through both doors, and every fault, on the real servers, and writes down what
Temporal has of each. Recorded anew only when the commands of a workflow change on purpose, beside `workflow.patched`.
"""

import asyncio
import itertools
import re
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from functools import partial
from unittest.mock import patch

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.worker import Worker

from complaints.calendars.builder import calendar_for
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.dates.allowance import Allowance
from complaints.procedure.enums import EventKind
from complaints.records import queries
from complaints.records.database import make_engine
from complaints.records.migrate import upgrade
from complaints.temporal.client import connect
from local.demo.player import play
from local.demo.stories import STORIES
from local.demo.story import START
from local.ephemeral_stack import EphemeralStack, ephemeral_stack, ephemeral_temporal
from tests.fixtures.staff import enter_people
from tests.fixtures.tcp_proxy import Line
from tests.workflows.complaint_driver import MONDAY, Case, Desk, at_virtual_start
from tests.workflows.malformed_signals import POISON
from worker.composition import make_worker
from worker.connections import MAX_CONCURRENT_RECORDINGS
from worker.replay.history_files import write_history
from worker.replay.verify import HISTORIES

SOON = {"limit.historyCount.suggestContinueAsNew": "60"}
ON_LEAVE = {"to": "m.silva", "reason": "On leave."}
COMPENSATION = {"kind": "compensation", "pence": 7_500}
ACTION = {"kind": "action", "what": "Ring back."}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def each_act_of_the_first_tiers(case: Case, send: Callable[..., Awaitable[object]]) -> None:
    """From the case handler to the second tier's reply, with everything that may be said on the way."""
    await send(acts.Settle, "h.lee", explanation="We rang.")
    await send(acts.AskManager, "intake")
    await send(acts.Reassign, "lead", to="m.okafor", reason="She knows the file.")
    await send(acts.Acknowledge)
    await send(acts.Classify, concern=1, aspect="not_kept_updated", reason="It is about silence.")
    await send(acts.Extend, to="2031-03-31", explanation="We wait for records.")
    await case.until(at("2031-04-02T10:00"))
    await send(acts.Reply, outcome="upheld", findings="We were slow.", remedies=[COMPENSATION, ACTION])
    letter = [event.sequence for event in (await case.quiet()).events if event.kind == EventKind.LETTER][-1]
    await send(acts.LetterHeld, "post.room", letter=letter, reason="It came back.")
    await send(acts.LetterSent, "post.room", letter=letter, channel="post")
    await send(acts.CarryOut, undertaking=2)
    await send(acts.CaseClosed, "case-system")
    await send(acts.CaseReopened, "case-system")
    await send(acts.Escalate, "intake", reason="Still nobody rang.")
    await send(acts.Acknowledge, "t.abara", sent_at=at("2031-04-02T10:00"))
    await send(acts.Reply, "t.abara", outcome="not_upheld", findings="It was put right.")
    await send(acts.Resolve, "intake")
    await case.until(at("2031-05-20T10:00"))
    await send(acts.CarryOut, undertaking=1)


async def each_act_of_a_review(case: Case, send: Callable[..., Awaitable[object]]) -> None:
    """Straight through the tiers to the Independent Assessor, who declines what she is asked first."""
    for staff in ("m.okafor", "t.abara"):
        await send(acts.Escalate, "intake", to="independent_assessor")
        await send(acts.Reply, staff, outcome="not_upheld", findings="It was right.")
        await send(acts.Escalate, "intake")
    await send(acts.AcceptReview, "i.assessor", exceptionally="It will last for years.")
    await send(
        acts.GiveOpinion,
        "i.assessor",
        satisfactory=False,
        explanation="You were kept waiting.",
        recommendations=[{"kind": "apology"}, COMPENSATION],
    )
    await send(acts.AnswerRecommendation, "l.one", recommendation=1, accepted=True, carry_out_by="2031-03-20")
    await case.until(at("2031-03-25T10:00"))
    await send(acts.AnswerRecommendation, "l.one", recommendation=2, accepted=False, reason="It was paid.")
    await send(acts.CarryOut, "l.one", undertaking=1)


async def each_way_to_close_and_to_be_taken_late(case: Case, send: Callable[..., Awaitable[object]]) -> None:
    """Signposted, taken up again, not taken further, taken late, withdrawn."""
    await send(acts.Classify, concern=1, aspect="outcome", reason="It is about the decision.")
    await send(acts.Classify, concern=1, aspect="delay", reason="It is about the wait.")
    await send(acts.Reply, outcome="not_upheld", findings="It was quick.")
    await send(acts.CaseClosed, "case-system")
    await case.until(at("2031-05-01T10:00"))
    await send(acts.AcceptLate, "lead", reason="She was in hospital.")
    await send(acts.Withdraw, "intake")
    await send(acts.Acknowledge, "t.abara")


async def a_review_declined_and_an_error(case: Case, send: Callable[..., Awaitable[object]]) -> None:
    for staff in ("m.okafor", "t.abara"):
        await send(acts.Reply, staff, outcome="not_upheld", findings="It was right.")
        await send(acts.Escalate, "intake")
    await send(acts.CloseInError, "lead", reason="Opened twice.")
    await send(acts.DeclineReview, "i.assessor", ground="enquiry_only", explanation="You asked how.")


async def refused_over_who_may_act(case: Case, send: Callable[..., Awaitable[object]]) -> None:
    await send(acts.Acknowledge, "h.lee")
    await send(acts.Acknowledge)
    await send(acts.Reply, "h.lee", outcome="not_upheld", findings="It was right.")
    for staff in ("stranger", "left.in.2021", "t.abara", "intake"):
        await send(acts.Extend, staff, to="2031-03-31", explanation="We wait for records.")
    await send(acts.Reassign, "lead", to="stranger", reason="She knows the file.")


async def a_holiday_announced_late_and_another_policy(case: Case, send: Callable[..., Awaitable[object]]) -> None:
    """Counted afresh twice: a lapse is taken back, and then the policy gives less time."""
    await case.until(at("2031-03-18T10:00"))
    calendar = calendar_for(load_policy(), MONDAY, MONDAY)
    late = calendar.model_copy(
        update={"holidays": calendar.holidays | {date(2031, 3, 12): "State funeral"}, "version": "announced late"}
    )
    await send(acts.Recalendar, "op", calendar=late, reason="It was announced on the tenth.")
    await send(acts.Recalendar, "op", calendar=late, reason="Once more.")
    shorter = load_policy().model_copy(update={"version": "2", "reminder_before": Allowance(working_days=2)})
    await send(acts.ChangePolicy, "lead", policy=shorter, calendar=late, reason="The body has decided so.")
    await case.until(at("2031-03-20T10:00"))


LIVES = (
    each_act_of_the_first_tiers,
    each_act_of_a_review,
    each_way_to_close_and_to_be_taken_late,
    a_review_declined_and_an_error,
    refused_over_who_may_act,
    a_holiday_announced_late_and_another_policy,
)


async def nobody_does_anything(desk: Desk) -> Case:
    """Reminded, lapsed, alerted, chased, passed on by itself, and chased again."""
    case = await desk.open()
    await case.until(at("2031-05-01T10:00"))
    return case


async def a_review_that_waits_for_years(desk: Desk) -> Case:
    """The case stays open: reminders every three months, and the holidays of further years are fetched."""
    case = await desk.open()
    for staff in ("m.okafor", "t.abara"):
        await case.tell(acts.Reply, by=staff, outcome="not_upheld", findings="It was right.")
        await case.tell(acts.Escalate, by="intake")
    for year in range(2031, 2035):
        await case.until(at(f"{year}-02-01T00:00" if year > 2031 else "2031-12-01T00:00"))
    return case


async def a_letter_opened_late(desk: Desk) -> Case:
    case = await desk.open(received_at=MONDAY - timedelta(days=20), told_case_handler_on="2031-02-01")
    await case.tell(acts.Acknowledge, sent_at=MONDAY - timedelta(days=19))
    return case


async def poison(desk: Desk) -> Case:
    case = await desk.open()
    for name, args in POISON:
        await case.handle.signal(name, args=args)
    for _ in range(2):
        await case.handle.cancel()
    await case.tell(acts.Acknowledge)
    return case


async def the_same_act_again_and_again(desk: Desk) -> Case:
    case = await desk.open()
    act = case.act(acts.Acknowledge, "m.okafor")
    for number in range(3):
        await case.handle.signal(act.name, act)
        await case.handle.execute_update(act.name, act, id=f"{act.id}-{number}")
    answers = (case.tell(acts.Reply, by=by, outcome="upheld", findings="Slow.") for by in ("m.okafor", "m.silva"))
    await asyncio.gather(*answers)
    return case


async def acts_while_no_worker_ran(desk: Desk) -> Case:
    async with make_worker(desk.client, desk.engine, desk.task_queue):
        case = await desk.open()
        await case.quiet()
    await case.signal(acts.Acknowledge)
    await case.signal(acts.Reassign, by="lead", **ON_LEAVE)
    async with make_worker(desk.client, desk.engine, desk.task_queue):
        await case.until(MONDAY + timedelta(days=4))
        await case.quiet()
    return case


async def postgres_away(desk: Desk, line: Line) -> Case:
    case = await desk.open()
    for away in (line.refuse, line.die):
        away()
        await case.tell(acts.CaseClosed, by="case-system")
        await case.tell(acts.CaseReopened, by="case-system")
        await asyncio.sleep(2)
        line.revive()
        await case.quiet()
    await case.until(MONDAY + timedelta(days=4))
    return case


async def a_directory_that_nobody_knows(desk: Desk, line: Line) -> Case:
    """Acts and what is none wait for it, and take effect when PostgreSQL is back."""
    line.refuse()
    case = await desk.open()
    told = [asyncio.create_task(case.tell(act)) for act in (acts.Acknowledge, acts.Withdraw)]
    await asyncio.sleep(1)
    await case.signal(acts.Reassign, by="lead", **ON_LEAVE)
    await case.handle.signal("bogus")
    await asyncio.sleep(1)
    await case.handle.cancel()
    line.revive()
    await asyncio.gather(*told)
    await case.quiet()
    return case


async def a_holder_who_is_away(desk: Desk) -> Case:
    case = await desk.open()
    await case.tell(acts.Reassign, by="lead", to="away", reason="She knows the file.")
    await case.until(MONDAY + timedelta(days=1, hours=1))
    return case


async def nobody_to_hold_it(desk: Desk) -> Case:
    case = await desk.open(case={"reference": "K-1", "open": True, "handler": "m.okafor"})
    await case.tell(acts.Acknowledge, by="m.silva")
    return case


async def continued_as_new(desk: Desk) -> Case:
    case = await desk.open()
    for number in range(30):
        await case.tell(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
    await case.until(at("2031-03-25T00:00"))
    return case


BY_THEMSELVES = (
    nobody_does_anything,
    a_review_that_waits_for_years,
    a_letter_opened_late,
    poison,
    the_same_act_again_and_again,
    a_holder_who_is_away,
    nobody_to_hold_it,
)


async def record_all(stack: EphemeralStack) -> None:
    client = await connect({"TEMPORAL_ADDRESS": stack.temporal_address})
    engine = make_engine(stack.database_url, pool_size=MAX_CONCURRENT_RECORDINGS)
    HISTORIES.mkdir(exist_ok=True)
    for file in HISTORIES.glob("*.jsonl"):
        file.unlink()
    async with make_worker(client, engine, "complaints"):
        await _stories(client, engine, "complaints")
        await _lives(Desk(client, engine, "complaints"))
        for life in BY_THEMSELVES:
            await _keep(await life(Desk(client, engine, "complaints")), life.__name__)
    await _keep(await acts_while_no_worker_ran(Desk(client, engine, "now-and-then")), acts_while_no_worker_ran.__name__)
    async with Line.to(stack.database_url) as line, _worker(client, line.url, "behind-a-line"):
        await _keep(await postgres_away(Desk(client, engine, "behind-a-line"), line), postgres_away.__name__)
    away = a_directory_that_nobody_knows
    async with Line.to(stack.database_url) as line, _worker(client, line.url, "knows-nobody"):
        await _keep(await away(Desk(client, engine, "knows-nobody"), line), away.__name__)
    with patch("worker.composition.Worker", partial(Worker, max_cached_workflows=0)):
        async with make_worker(client, engine, "forgetful"):
            await _keep(
                await nobody_does_anything(Desk(client, engine, "forgetful")), "a_worker_that_remembers_nothing"
            )
    with ephemeral_temporal(SOON) as address:
        restless = await connect({"TEMPORAL_ADDRESS": address})
        async with make_worker(restless, engine, "complaints"):
            await _keep(await continued_as_new(Desk(restless, engine, "complaints")), continued_as_new.__name__)
    await engine.dispose()


async def _stories(client: Client, engine: AsyncEngine, task_queue: str) -> None:
    at_start = at_virtual_start(client, START)
    for story in STORIES:
        find = partial(queries.find_complaint, engine)
        told = await play(
            story, at_start, policy=load_policy(), find=find, task_queue=task_queue, listener=lambda _: None
        )
        await _keep(Case(told.reference, client, engine), "story " + story.title)


async def _lives(desk: Desk) -> None:
    for life, door in itertools.product(LIVES, ("updates", "signals")):
        told = None if life is each_act_of_the_first_tiers else "2031-02-24"
        case = await desk.open(told_case_handler_on=told)
        await life(case, partial(_send, case, door))
        await case.quiet()
        await _keep(case, f"{life.__name__} as {door}")


async def _send(case: Case, door: str, act_type: type[Act], by: str = "m.okafor", **fields: object) -> None:
    """Taken or refused: both belong into a history."""
    if door == "signals":
        await case.signal(act_type, by, **fields)
        await case.quiet()
        return
    act = case.act(act_type, by, **fields)
    try:
        await case.handle.execute_update(act.name, act, id=act.id)
    except WorkflowUpdateFailedError:
        return


async def _keep(case: Case, title: str) -> None:
    """All runs of the complaint, the first one first."""
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    last = await case.handle.fetch_history()
    runs = [last]
    while before := runs[-1].events[0].workflow_execution_started_event_attributes.continued_execution_run_id:
        runs.append(await case.client.get_workflow_handle(case.reference, run_id=before).fetch_history())
    for number, run in enumerate(reversed(runs), start=1):
        file = HISTORIES / (f"{name}-{number}.jsonl" if len(runs) > 1 else f"{name}.jsonl")
        write_history(run, file)
        print(file.name, flush=True)


@asynccontextmanager
async def _worker(client: Client, url: str, task_queue: str) -> AsyncIterator[None]:
    engine = make_engine(url, pool_size=MAX_CONCURRENT_RECORDINGS)
    async with make_worker(client, engine, task_queue):
        yield
    await engine.dispose()


def main() -> int:
    with ephemeral_stack() as stack:
        upgrade(stack.database_url)
        asyncio.run(enter_people(stack.database_url))
        asyncio.run(record_all(stack))
    return 0


if __name__ == "__main__":
    sys.exit(main())
