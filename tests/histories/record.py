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
from tests.fixtures.staff import import_staff
from tests.fixtures.tcp_proxy import TcpProxy
from tests.workflows.complaint_driver import MONDAY, ComplaintDriver, ComplaintOpener, at_virtual_start
from tests.workflows.malformed_signals import MALFORMED_SIGNALS
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


async def each_act_of_the_first_tiers(complaint: ComplaintDriver, send: Callable[..., Awaitable[object]]) -> None:
    """From the case handler to the second tier's reply, with everything that may be said on the way."""
    await send(acts.Settle, "h.lee", explanation="We rang.")
    await send(acts.AskManager, "intake")
    await send(acts.Reassign, "lead", to="m.okafor", reason="She knows the file.")
    await send(acts.Acknowledge)
    await send(acts.Classify, concern=1, aspect="not_kept_updated", reason="It is about silence.")
    await send(acts.Extend, to="2031-03-31", explanation="We wait for records.")
    await complaint.advance_to(at("2031-04-02T10:00"))
    await send(acts.Reply, outcome="upheld", findings="We were slow.", remedies=[COMPENSATION, ACTION])
    letter = [
        event.sequence for event in (await complaint.wait_until_recorded()).events if event.kind == EventKind.LETTER
    ][-1]
    await send(acts.LetterHeld, "post.room", letter=letter, reason="It came back.")
    await send(acts.LetterSent, "post.room", letter=letter, channel="post")
    await send(acts.CarryOut, undertaking=2)
    await send(acts.CaseClosed, "case-system")
    await send(acts.CaseReopened, "case-system")
    await send(acts.Escalate, "intake", reason="Still nobody rang.")
    await send(acts.Acknowledge, "t.abara", sent_at=at("2031-04-02T10:00"))
    await send(acts.Reply, "t.abara", outcome="not_upheld", findings="It was put right.")
    await send(acts.Resolve, "intake")
    await complaint.advance_to(at("2031-05-20T10:00"))
    await send(acts.CarryOut, undertaking=1)


async def each_act_of_a_review(complaint: ComplaintDriver, send: Callable[..., Awaitable[object]]) -> None:
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
    await complaint.advance_to(at("2031-03-25T10:00"))
    await send(acts.AnswerRecommendation, "l.one", recommendation=2, accepted=False, reason="It was paid.")
    await send(acts.CarryOut, "l.one", undertaking=1)


async def each_way_to_close_and_to_be_taken_late(
    complaint: ComplaintDriver, send: Callable[..., Awaitable[object]]
) -> None:
    """Signposted, taken up again, not taken further, taken late, withdrawn."""
    await send(acts.Classify, concern=1, aspect="outcome", reason="It is about the decision.")
    await send(acts.Classify, concern=1, aspect="delay", reason="It is about the wait.")
    await send(acts.Reply, outcome="not_upheld", findings="It was quick.")
    await send(acts.CaseClosed, "case-system")
    await complaint.advance_to(at("2031-05-01T10:00"))
    await send(acts.AcceptLate, "lead", reason="She was in hospital.")
    await send(acts.Withdraw, "intake")
    await send(acts.Acknowledge, "t.abara")


async def a_review_declined_and_an_error(complaint: ComplaintDriver, send: Callable[..., Awaitable[object]]) -> None:
    for staff in ("m.okafor", "t.abara"):
        await send(acts.Reply, staff, outcome="not_upheld", findings="It was right.")
        await send(acts.Escalate, "intake")
    await send(acts.CloseInError, "lead", reason="Opened twice.")
    await send(acts.DeclineReview, "i.assessor", ground="enquiry_only", explanation="You asked how.")


async def refused_over_who_may_act(complaint: ComplaintDriver, send: Callable[..., Awaitable[object]]) -> None:
    await send(acts.Acknowledge, "h.lee")
    await send(acts.Acknowledge)
    await send(acts.Reply, "h.lee", outcome="not_upheld", findings="It was right.")
    for staff in ("stranger", "left.in.2021", "t.abara", "intake"):
        await send(acts.Extend, staff, to="2031-03-31", explanation="We wait for records.")
    await send(acts.Reassign, "lead", to="stranger", reason="She knows the file.")


async def a_holiday_announced_late_and_another_policy(
    complaint: ComplaintDriver, send: Callable[..., Awaitable[object]]
) -> None:
    """Counted afresh twice: a lapse is taken back, and then the policy gives less time."""
    await complaint.advance_to(at("2031-03-18T10:00"))
    calendar = calendar_for(load_policy(), MONDAY, MONDAY)
    late = calendar.model_copy(
        update={"holidays": calendar.holidays | {date(2031, 3, 12): "State funeral"}, "version": "announced late"}
    )
    await send(acts.Recalendar, "op", calendar=late, reason="It was announced on the tenth.")
    await send(acts.Recalendar, "op", calendar=late, reason="Once more.")
    shorter = load_policy().model_copy(update={"version": "2", "reminder_before": Allowance(working_days=2)})
    await send(acts.ChangePolicy, "lead", policy=shorter, calendar=late, reason="The body has decided so.")
    await complaint.advance_to(at("2031-03-20T10:00"))


LIVES = (
    each_act_of_the_first_tiers,
    each_act_of_a_review,
    each_way_to_close_and_to_be_taken_late,
    a_review_declined_and_an_error,
    refused_over_who_may_act,
    a_holiday_announced_late_and_another_policy,
)


async def nobody_does_anything(opener: ComplaintOpener) -> ComplaintDriver:
    """Reminded, lapsed, alerted, chased, passed on by itself, and chased again."""
    complaint = await opener.open()
    await complaint.advance_to(at("2031-05-01T10:00"))
    return complaint


async def a_review_that_waits_for_years(opener: ComplaintOpener) -> ComplaintDriver:
    """The case stays open: reminders every three months, and the holidays of further years are fetched."""
    complaint = await opener.open()
    for staff in ("m.okafor", "t.abara"):
        await complaint.do(acts.Reply, by=staff, outcome="not_upheld", findings="It was right.")
        await complaint.do(acts.Escalate, by="intake")
    for year in range(2031, 2035):
        await complaint.advance_to(at(f"{year}-02-01T00:00" if year > 2031 else "2031-12-01T00:00"))
    return complaint


async def a_letter_opened_late(opener: ComplaintOpener) -> ComplaintDriver:
    complaint = await opener.open(received_at=MONDAY - timedelta(days=20), told_case_handler_on="2031-02-01")
    await complaint.do(acts.Acknowledge, sent_at=MONDAY - timedelta(days=19))
    return complaint


async def poison(opener: ComplaintOpener) -> ComplaintDriver:
    complaint = await opener.open()
    for name, args in MALFORMED_SIGNALS:
        await complaint.handle.signal(name, args=args)
    for _ in range(2):
        await complaint.handle.cancel()
    await complaint.do(acts.Acknowledge)
    return complaint


async def the_same_act_again_and_again(opener: ComplaintOpener) -> ComplaintDriver:
    complaint = await opener.open()
    act = complaint.build_act(acts.Acknowledge, "m.okafor")
    for number in range(3):
        await complaint.handle.signal(act.name, act)
        await complaint.handle.execute_update(act.name, act, id=f"{act.id}-{number}")
    answers = (complaint.do(acts.Reply, by=by, outcome="upheld", findings="Slow.") for by in ("m.okafor", "m.silva"))
    await asyncio.gather(*answers)
    return complaint


async def acts_while_no_worker_ran(opener: ComplaintOpener) -> ComplaintDriver:
    async with make_worker(opener.client, opener.engine, opener.task_queue):
        complaint = await opener.open()
        await complaint.wait_until_recorded()
    await complaint.signal(acts.Acknowledge)
    await complaint.signal(acts.Reassign, by="lead", **ON_LEAVE)
    async with make_worker(opener.client, opener.engine, opener.task_queue):
        await complaint.advance_to(MONDAY + timedelta(days=4))
        await complaint.wait_until_recorded()
    return complaint


async def postgres_away(opener: ComplaintOpener, tcp_proxy: TcpProxy) -> ComplaintDriver:
    complaint = await opener.open()
    for away in (tcp_proxy.refuse, tcp_proxy.stall):
        away()
        await complaint.do(acts.CaseClosed, by="case-system")
        await complaint.do(acts.CaseReopened, by="case-system")
        await asyncio.sleep(2)
        tcp_proxy.restore()
        await complaint.wait_until_recorded()
    await complaint.advance_to(MONDAY + timedelta(days=4))
    return complaint


async def a_directory_that_nobody_knows(opener: ComplaintOpener, tcp_proxy: TcpProxy) -> ComplaintDriver:
    """Acts and what is none wait for it, and take effect when PostgreSQL is back."""
    tcp_proxy.refuse()
    complaint = await opener.open()
    told = [asyncio.create_task(complaint.do(act)) for act in (acts.Acknowledge, acts.Withdraw)]
    await asyncio.sleep(1)
    await complaint.signal(acts.Reassign, by="lead", **ON_LEAVE)
    await complaint.handle.signal("bogus")
    await asyncio.sleep(1)
    await complaint.handle.cancel()
    tcp_proxy.restore()
    await asyncio.gather(*told)
    await complaint.wait_until_recorded()
    return complaint


async def a_holder_who_is_away(opener: ComplaintOpener) -> ComplaintDriver:
    complaint = await opener.open()
    await complaint.do(acts.Reassign, by="lead", to="away", reason="She knows the file.")
    await complaint.advance_to(MONDAY + timedelta(days=1, hours=1))
    return complaint


async def nobody_to_hold_it(opener: ComplaintOpener) -> ComplaintDriver:
    complaint = await opener.open(case={"reference": "K-1", "open": True, "handler": "m.okafor"})
    await complaint.do(acts.Acknowledge, by="m.silva")
    return complaint


async def continued_as_new(opener: ComplaintOpener) -> ComplaintDriver:
    complaint = await opener.open()
    for number in range(30):
        await complaint.do(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
    await complaint.advance_to(at("2031-03-25T00:00"))
    return complaint


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
        await _lives(ComplaintOpener(client, engine, "complaints"))
        for life in BY_THEMSELVES:
            await _keep(await life(ComplaintOpener(client, engine, "complaints")), life.__name__)
    await _keep(
        await acts_while_no_worker_ran(ComplaintOpener(client, engine, "now-and-then")),
        acts_while_no_worker_ran.__name__,
    )
    async with TcpProxy.to(stack.database_url) as tcp_proxy, _worker(client, tcp_proxy.url, "behind-a-proxy"):
        await _keep(
            await postgres_away(ComplaintOpener(client, engine, "behind-a-proxy"), tcp_proxy), postgres_away.__name__
        )
    away = a_directory_that_nobody_knows
    async with TcpProxy.to(stack.database_url) as tcp_proxy, _worker(client, tcp_proxy.url, "knows-nobody"):
        await _keep(await away(ComplaintOpener(client, engine, "knows-nobody"), tcp_proxy), away.__name__)
    with patch("worker.composition.Worker", partial(Worker, max_cached_workflows=0)):
        async with make_worker(client, engine, "forgetful"):
            await _keep(
                await nobody_does_anything(ComplaintOpener(client, engine, "forgetful")),
                "a_worker_that_remembers_nothing",
            )
    with ephemeral_temporal(SOON) as address:
        restless = await connect({"TEMPORAL_ADDRESS": address})
        async with make_worker(restless, engine, "complaints"):
            await _keep(
                await continued_as_new(ComplaintOpener(restless, engine, "complaints")), continued_as_new.__name__
            )
    await engine.dispose()


async def _stories(client: Client, engine: AsyncEngine, task_queue: str) -> None:
    at_start = at_virtual_start(client, START)
    for story in STORIES:
        find = partial(queries.find_complaint, engine)
        told = await play(
            story, at_start, policy=load_policy(), find=find, task_queue=task_queue, listener=lambda _: None
        )
        await _keep(ComplaintDriver(told.reference, client, engine), "story " + story.title)


async def _lives(opener: ComplaintOpener) -> None:
    for life, door in itertools.product(LIVES, ("updates", "signals")):
        told = None if life is each_act_of_the_first_tiers else "2031-02-24"
        complaint = await opener.open(told_case_handler_on=told)
        await life(complaint, partial(_send, complaint, door))
        await complaint.wait_until_recorded()
        await _keep(complaint, f"{life.__name__} as {door}")


async def _send(
    complaint: ComplaintDriver, door: str, act_type: type[Act], by: str = "m.okafor", **fields: object
) -> None:
    """Taken or refused: both belong into a history."""
    if door == "signals":
        await complaint.signal(act_type, by, **fields)
        await complaint.wait_until_recorded()
        return
    act = complaint.build_act(act_type, by, **fields)
    try:
        await complaint.handle.execute_update(act.name, act, id=act.id)
    except WorkflowUpdateFailedError:
        return


async def _keep(complaint: ComplaintDriver, title: str) -> None:
    """All runs of the complaint, the first one first."""
    name = re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")
    last = await complaint.handle.fetch_history()
    runs = [last]
    while before := runs[-1].events[0].workflow_execution_started_event_attributes.continued_execution_run_id:
        runs.append(await complaint.client.get_workflow_handle(complaint.reference, run_id=before).fetch_history())
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
        asyncio.run(import_staff(stack.database_url))
        asyncio.run(record_all(stack))
    return 0


if __name__ == "__main__":
    sys.exit(main())
