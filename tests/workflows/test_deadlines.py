"""Deadlines on the real server: nothing early, nothing twice, nothing missed."""

from datetime import UTC, datetime, timedelta

from complaints.policies.loader import load_policy
from complaints.procedure import acts
from tests.workflows.complaint_driver import MONDAY, Desk


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def test_a_manager_who_never_answers_is_reminded_alerted_chased_and_passed_by(desk: Desk) -> None:
    case = await desk.open()
    await case.until(at("2031-03-24T23:50"))
    story = await case.story()
    assert story.tier == "manager"
    await case.until(at("2031-03-25T00:00"))
    story = await case.quiet()
    happened = [
        (e.kind, e.at) for e in story.events if e.kind in {"reminded", "lapsed", "chased", "escalated_on_lapse"}
    ]
    assert happened == [
        ("reminded", at("2031-03-04T09:00")),
        ("lapsed", at("2031-03-06T00:00")),
        ("reminded", at("2031-03-14T09:00")),
        ("lapsed", at("2031-03-18T00:00")),
        ("chased", at("2031-03-24T09:00")),
        ("escalated_on_lapse", at("2031-03-25T00:00")),
    ]
    assert (story.tier, story.status) == ("customer_complaints_team", "awaiting_acknowledgement")


async def test_a_deadline_already_past_at_the_start_lapses_at_once(desk: Desk) -> None:
    case = await desk.open(received_at=MONDAY - timedelta(days=10), told_case_handler_on="2031-02-10")
    story = await case.story()
    assert [e.kind for e in story.events].count("lapsed") == 1
    assert story.deadlines[0].lapsed_at == story.opened_at


async def test_an_extension_moves_the_timer(desk: Desk) -> None:
    case = await desk.open()
    await case.tell(acts.Acknowledge)
    await case.tell(acts.Extend, to="2031-03-31", explanation="We wait for records.")
    await case.until(at("2031-03-31T22:50"))
    assert (await case.kinds())["lapsed"] == 0
    await case.until(at("2031-03-31T23:00"))
    lapse = next(e for e in (await case.story()).events if e.kind == "lapsed")
    assert lapse.at == at("2031-03-31T23:00")


async def test_a_window_ends_and_the_workflow_completes_after_the_reopening_period(desk: Desk) -> None:
    case = await desk.open(case={"reference": "K-1", "open": False, "handler": "h.lee"})
    await case.tell(acts.Reply, outcome="not_upheld", findings="We kept you informed.")
    await case.until(at("2031-04-03T23:00"))
    story = await case.quiet()
    assert (story.status, story.closing_reason) == ("closed", "not_taken_further")
    await case.until(at("2031-10-04T23:00"))
    view = await case.handle.result()
    assert view["closing_reason"] == "not_taken_further"
    assert (await case.quiet()).events == story.events


async def test_an_act_at_the_deadlines_very_instant_is_late(desk: Desk) -> None:
    policy = load_policy("tries-by-hand")
    case = await desk.open(policy=policy)
    await case.until(MONDAY + timedelta(seconds=21))
    answer = await case.tell(acts.Acknowledge, sent_at=MONDAY + timedelta(seconds=20))
    story = await case.story()
    assert answer.code == "done"
    assert story.deadlines[0].lapsed_at == story.deadlines[0].at


async def test_further_years_of_the_calendar_come_by_themselves(desk: Desk) -> None:
    case = await desk.open()
    await case.tell(acts.Reply, outcome="not_upheld", findings="We kept you informed.")
    await case.until(at("2034-01-02T00:00"))
    story = await case.quiet()
    assert [e.kind for e in story.events].count("calendar_extended") == 1
    assert story.status == "awaiting_complainant"
