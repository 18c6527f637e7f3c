"""Deadlines on the real server: nothing early, nothing twice, nothing missed."""

from datetime import UTC, datetime, timedelta

from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.dates.allowance import Allowance
from tests.workflows.complaint_driver import MONDAY, ComplaintOpener


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def test_a_complaint_without_acts_is_reminded_lapsed_chased_and_escalated(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    await complaint.advance_to(at("2031-03-24T23:50"))
    history = await complaint.query_history()
    assert history.tier == "manager"
    await complaint.advance_to(at("2031-03-25T00:00"))
    history = await complaint.wait_until_recorded()
    events = [
        (e.kind, e.at) for e in history.events if e.kind in {"reminded", "lapsed", "chased", "escalated_on_lapse"}
    ]
    assert events == [
        ("reminded", at("2031-03-04T09:00")),
        ("lapsed", at("2031-03-06T00:00")),
        ("reminded", at("2031-03-14T09:00")),
        ("lapsed", at("2031-03-18T00:00")),
        ("chased", at("2031-03-24T09:00")),
        ("escalated_on_lapse", at("2031-03-25T00:00")),
    ]
    assert (history.tier, history.status) == ("customer_complaints_team", "awaiting_acknowledgement")


async def test_a_deadline_already_past_at_the_start_lapses_at_once(opener: ComplaintOpener) -> None:
    complaint = await opener.open(received_at=MONDAY - timedelta(days=10), told_case_handler_on="2031-02-10")
    history = await complaint.query_history()
    assert [e.kind for e in history.events].count("lapsed") == 1
    assert history.deadlines[0].lapsed_at == history.opened_at


async def test_an_extension_moves_the_timer(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    await complaint.do(acts.Acknowledge)
    await complaint.do(acts.Extend, to="2031-03-31", explanation="We wait for records.")
    await complaint.advance_to(at("2031-03-31T22:50"))
    assert (await complaint.count_events())["lapsed"] == 0
    await complaint.advance_to(at("2031-03-31T23:00"))
    lapse = next(e for e in (await complaint.query_history()).events if e.kind == "lapsed")
    assert lapse.at == at("2031-03-31T23:00")


async def test_a_window_ends_and_the_workflow_completes_after_the_reopening_period(opener: ComplaintOpener) -> None:
    complaint = await opener.open(case={"reference": "K-1", "open": False, "handler": "h.lee"})
    await complaint.do(acts.Reply, outcome="not_upheld", findings="We kept you informed.")
    await complaint.advance_to(at("2031-04-03T23:00"))
    history = await complaint.wait_until_recorded()
    assert (history.status, history.closing_reason) == ("closed", "not_taken_further")
    await complaint.advance_to(at("2031-04-04T08:00"))
    history = await complaint.wait_until_recorded()
    assert (history.events[-1].kind, history.events[-1].at) == ("letter", at("2031-04-04T08:00"))
    await complaint.advance_to(at("2031-10-04T23:00"))
    view = await complaint.handle.result()
    assert view["closing_reason"] == "not_taken_further"
    assert (await complaint.wait_until_recorded()).events == history.events


async def test_the_closing_letter_goes_before_the_workflow_completes(opener: ComplaintOpener) -> None:
    policy = load_policy().model_copy(update={"reopening_period": Allowance(hours=1)})
    complaint = await opener.open(policy=policy, case={"reference": "K-1", "open": False, "handler": "h.lee"})
    await complaint.do(acts.Reply, outcome="not_upheld", findings="We kept you informed.")
    await complaint.advance_to(at("2031-04-04T08:00"))
    await complaint.handle.result()
    last = (await complaint.wait_until_recorded()).events[-1]
    assert (last.kind, last.at) == ("letter", at("2031-04-04T08:00"))


async def test_an_act_at_the_instant_of_the_deadline_is_late(opener: ComplaintOpener) -> None:
    policy = load_policy("tries-by-hand")
    complaint = await opener.open(policy=policy)
    await complaint.advance_to(MONDAY + timedelta(seconds=21))
    answer = await complaint.do(acts.Acknowledge, sent_at=MONDAY + timedelta(seconds=20))
    history = await complaint.query_history()
    assert answer.code == "done"
    assert history.deadlines[0].lapsed_at == history.deadlines[0].at


async def test_further_years_of_the_calendar_are_fetched_automatically(opener: ComplaintOpener) -> None:
    complaint = await opener.open()
    await complaint.do(acts.Reply, outcome="not_upheld", findings="We kept you informed.")
    await complaint.advance_to(at("2034-01-02T00:00"))
    history = await complaint.wait_until_recorded()
    assert [e.kind for e in history.events].count("calendar_extended") == 1
    assert history.status == "awaiting_complainant"
