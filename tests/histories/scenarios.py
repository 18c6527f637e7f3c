"""Scenarios whose histories are recorded: acts, faults and waits of one complaint each."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, date, datetime, timedelta

from complaints.calendars.builder import calendar_for
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.dates.allowance import Allowance
from complaints.procedure.enums import EventKind
from tests.fixtures.tcp_proxy import TcpProxy
from tests.workflows.complaint_driver import MONDAY, ComplaintDriver, ComplaintOpener
from tests.workflows.malformed_signals import MALFORMED_SIGNALS
from worker.composition import make_worker

Send = Callable[..., Awaitable[object]]
"""Sends an act, given its type, its actor and its fields."""

ON_LEAVE = {"to": "m.silva", "reason": "On leave."}
REPRESENTATIVE = {
    "name": "Ada Smith",
    "capacity": "representative",
    "email": "ada@example.org",
    "prefers": "email",
    "represents": "Siobhán O'Neill",
    "authority": "a power of attorney",
    "needs": {"large_print": True, "language": "Polish", "telephone": True, "other": "a quiet room"},
}
COMPENSATION = {"kind": "compensation", "pence": 7_500}
ACTION = {"kind": "action", "what": "Ring back."}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def first_tier_acts(complaint: ComplaintDriver, send: Send) -> None:
    """From the case handler to the second tier's reply, with every act on the way."""
    await send(acts.Settle, "h.lee", explanation="We rang.")
    await send(acts.AskManager, "intake")
    await send(acts.Reassign, "lead", to="m.okafor", reason="She knows the file.")
    await send(acts.Acknowledge)
    await send(acts.Classify, concern=1, aspect="not_kept_updated", reason="It is about silence.")
    concern = {"aspect": "delay", "what_happened": "It went on."}
    await send(acts.AddInformation, "intake", concern=concern, note="They rang again.")
    await send(acts.ChangeContact, "intake", email="ada.new@example.org", needs={"large_print": True})
    await send(acts.Extend, to="2031-03-31", explanation="We wait for records.")
    await complaint.advance_to(at("2031-04-02T10:00"))
    await send(acts.Reply, outcome="upheld", findings="We were slow.", remedies=[COMPENSATION, ACTION])
    letter = [
        event.sequence for event in (await complaint.wait_until_recorded()).events if event.kind == EventKind.LETTER
    ][-1]
    await send(acts.LetterHeld, "op", letter=letter, reason="It came back.")
    await send(acts.LetterSent, "op", letter=letter, channel="post")
    await send(acts.CarryOut, undertaking=2)
    corrected = {"outcome": "partly_upheld", "findings": "Some of it was slow.", "reason": "It was another file."}
    await send(acts.Correct, **corrected, remedies=[ACTION, COMPENSATION])
    await send(acts.CaseClosed, "case-system")
    await send(acts.CaseReopened, "case-system")
    await send(acts.Escalate, "intake", reason="Still nobody rang.")
    await send(acts.Acknowledge, "t.abara", sent_at=at("2031-04-02T10:00"))
    await send(acts.Reply, "t.abara", outcome="not_upheld", findings="It was put right.")
    await send(acts.Resolve, "intake")
    await complaint.advance_to(at("2031-05-20T10:00"))
    await send(acts.CarryOut, undertaking=3)
    await send(acts.NotCarriedOut, "lead", undertaking=3, reason="It was another complaint.")
    await send(acts.ReassignUndertaking, "lead", undertaking=3, **ON_LEAVE)
    await send(acts.CarryOut, undertaking=3)


async def review_acts(complaint: ComplaintDriver, send: Send) -> None:
    """Requests that come too early, then an opinion, and a recommendation that is declined."""
    for staff in ("m.okafor", "t.abara"):
        await send(acts.Escalate, "intake", to="independent_assessor", from_complainant=True)
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


async def closings_and_late_acceptance(complaint: ComplaintDriver, send: Send) -> None:
    """Signposted, taken up again, not taken further, accepted late, withdrawn."""
    await send(acts.Classify, concern=1, aspect="outcome", reason="It is about the decision.")
    await send(acts.Classify, concern=1, aspect="delay", reason="It is about the wait.")
    await send(acts.Reply, outcome="not_upheld", findings="It was quick.")
    await send(acts.CaseClosed, "case-system")
    await complaint.advance_to(at("2031-05-01T10:00"))
    await send(acts.AcceptLate, "lead", reason="She was in hospital.")
    await send(acts.Withdraw, "intake")
    await send(acts.Acknowledge, "t.abara")


async def review_declined_and_closed_in_error(complaint: ComplaintDriver, send: Send) -> None:
    for staff in ("m.okafor", "t.abara"):
        await send(acts.Reply, staff, outcome="not_upheld", findings="It was right.")
        await send(acts.Escalate, "intake")
    await send(acts.CloseInError, "lead", reason="Opened twice.")
    await send(acts.Reopen, "lead", reason="It was another one.")
    await send(acts.DeclineReview, "i.assessor", ground="enquiry_only", explanation="You asked how.")
    await send(acts.Acknowledge, "t.abara")


async def unauthorised_acts(complaint: ComplaintDriver, send: Send) -> None:
    await send(acts.Acknowledge, "h.lee")
    await send(acts.Acknowledge)
    await send(acts.Reply, "h.lee", outcome="not_upheld", findings="It was right.")
    for staff in ("stranger", "left.in.2021", "t.abara", "intake"):
        await send(acts.Extend, staff, to="2031-03-31", explanation="We wait for records.")
    await send(acts.Reassign, "lead", to="stranger", reason="She knows the file.")


async def late_holiday_and_changed_policy(complaint: ComplaintDriver, send: Send) -> None:
    """Recalculated twice: a lapse is withdrawn, then the policy changes."""
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


SCENARIOS_IN_BOTH_MODES = (
    first_tier_acts,
    review_acts,
    closings_and_late_acceptance,
    review_declined_and_closed_in_error,
    unauthorised_acts,
    late_holiday_and_changed_policy,
)


async def no_acts(opener: ComplaintOpener) -> ComplaintDriver:
    """Reminded, lapsed, alerted, chased, passed on automatically, and chased again."""
    complaint = await opener.open()
    await complaint.advance_to(at("2031-05-01T10:00"))
    return complaint


async def review_waiting_for_years(opener: ComplaintOpener) -> ComplaintDriver:
    """An open case: reminders every three months, and holidays of further years are fetched.

    A representative with needs complains.
    """
    complaint = await opener.open(complainant=REPRESENTATIVE)
    for staff in ("m.okafor", "t.abara"):
        await complaint.do(acts.Reply, by=staff, outcome="not_upheld", findings="It was right.")
        await complaint.do(acts.Escalate, by="intake")
    for year in range(2031, 2035):
        await complaint.advance_to(at(f"{year}-02-01T00:00" if year > 2031 else "2031-12-01T00:00"))
    return complaint


async def complaint_opened_late(opener: ComplaintOpener) -> ComplaintDriver:
    complaint = await opener.open(received_at=MONDAY - timedelta(days=20), told_case_handler_on="2031-02-01")
    await complaint.do(acts.Acknowledge, sent_at=MONDAY - timedelta(days=19))
    return complaint


async def malformed_signals(opener: ComplaintOpener) -> ComplaintDriver:
    complaint = await opener.open()
    for name, args in MALFORMED_SIGNALS:
        await complaint.handle.signal(name, args=args)
    for _ in range(2):
        await complaint.handle.cancel()
    await complaint.do(acts.Acknowledge)
    return complaint


async def repeated_acts(opener: ComplaintOpener) -> ComplaintDriver:
    complaint = await opener.open()
    act = complaint.build_act(acts.Acknowledge, "m.okafor")
    for number in range(3):
        await complaint.handle.signal(act.name, act)
        await complaint.handle.execute_update(act.name, act, id=f"{act.id}-{number}")
    answers = (complaint.do(acts.Reply, by=by, outcome="upheld", findings="Slow.") for by in ("m.okafor", "m.silva"))
    await asyncio.gather(*answers)
    return complaint


async def acts_without_worker(opener: ComplaintOpener) -> ComplaintDriver:
    async with make_worker(opener.client, opener.engine, opener.task_queue):
        complaint = await opener.open()
        await complaint.wait_until_recorded()
    await complaint.signal(acts.Acknowledge)
    await complaint.signal(acts.Reassign, by="lead", **ON_LEAVE)
    async with make_worker(opener.client, opener.engine, opener.task_queue):
        await complaint.advance_to(MONDAY + timedelta(days=4))
        await complaint.wait_until_recorded()
    return complaint


async def postgresql_unavailable(opener: ComplaintOpener, tcp_proxy: TcpProxy) -> ComplaintDriver:
    complaint = await opener.open()
    for interrupt in (tcp_proxy.refuse, tcp_proxy.stall):
        interrupt()
        await complaint.do(acts.CaseClosed, by="case-system")
        await complaint.do(acts.CaseReopened, by="case-system")
        await asyncio.sleep(2)
        tcp_proxy.restore()
        await complaint.wait_until_recorded()
    await complaint.advance_to(MONDAY + timedelta(days=4))
    return complaint


async def directory_unavailable(opener: ComplaintOpener, tcp_proxy: TcpProxy) -> ComplaintDriver:
    """Acts, a malformed signal and a cancellation wait until PostgreSQL is available."""
    tcp_proxy.refuse()
    complaint = await opener.open()
    updates = [asyncio.create_task(complaint.do(act)) for act in (acts.Acknowledge, acts.Withdraw)]
    await asyncio.sleep(1)
    await complaint.signal(acts.Reassign, by="lead", **ON_LEAVE)
    await complaint.handle.signal("bogus")
    await asyncio.sleep(1)
    await complaint.handle.cancel()
    tcp_proxy.restore()
    await asyncio.gather(*updates)
    await complaint.wait_until_recorded()
    return complaint


async def absent_holder(opener: ComplaintOpener) -> ComplaintDriver:
    complaint = await opener.open()
    await complaint.do(acts.Reassign, by="lead", to="away", reason="She knows the file.")
    await complaint.advance_to(MONDAY + timedelta(days=1, hours=1))
    return complaint


async def no_eligible_holder(opener: ComplaintOpener) -> ComplaintDriver:
    complaint = await opener.open(case={"reference": "K-1", "open": True, "handler": "m.okafor"})
    await complaint.do(acts.Acknowledge, by="m.silva")
    return complaint


async def continued_as_new(opener: ComplaintOpener) -> ComplaintDriver:
    complaint = await opener.open()
    for number in range(30):
        await complaint.do(acts.Reassign, by="lead", to=f"m.{number}", reason="On leave.")
    await complaint.advance_to(at("2031-03-25T00:00"))
    return complaint


SCENARIOS = (
    no_acts,
    review_waiting_for_years,
    complaint_opened_late,
    malformed_signals,
    repeated_acts,
    absent_holder,
    no_eligible_holder,
)
