"""Acknowledge and reply (R4)."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from complaints.procedure.acts import Acknowledge, Escalate, Reassign, Reply
from complaints.procedure.enums import Code
from tests.procedure.builders import ACTION, APOLOGY, COMPENSATION, MONDAY, at, day, opened, replied

IN_TIME, LATE = "2026-03-04 12:00", "2026-03-05 09:00"


def test_an_acknowledgement_in_time_meets_its_deadline() -> None:
    story = opened().at(IN_TIME)
    story.does(Acknowledge)
    assert story.deadline("acknowledgement").met_at == at(IN_TIME)
    assert story.state.status == "awaiting_reply"
    assert story.letters() == ["acknowledgement"]


def test_an_acknowledgement_a_microsecond_before_the_end_is_in_time() -> None:
    story = opened()
    story.now = at("2026-03-05 00:00") - timedelta(microseconds=1)
    story.does(Acknowledge)
    assert story.at(LATE).times("lapsed") == []


def test_a_letter_that_has_already_gone_is_not_sent_again() -> None:
    story = opened().at(IN_TIME)
    story.does(Acknowledge, sent_at="2026-03-03 17:00")
    assert story.letters() == []


def test_a_letter_that_is_ours_to_send_needs_an_address() -> None:
    story = opened(complainant={"email": None, "prefers": "post"})
    story.at(IN_TIME).refuses(Code.NO_ADDRESS, Acknowledge, channel="email")
    story.does(Acknowledge, sent_at="2026-03-04 11:00", channel="email")


def test_a_letter_keyed_after_the_lapse_but_sent_in_time_withdraws_it() -> None:
    story = opened().at(LATE)
    assert story.state.is_overdue
    story.does(Acknowledge, sent_at="2026-03-04 17:00")
    assert story.deadline("acknowledgement").lapsed_at is None
    assert story.times("lapsed") == ["2026-03-05 00:00"]
    assert story.times("lapse_withdrawn") == [LATE]
    assert not story.state.is_overdue


def test_recipients_of_a_lapse_alert_are_alerted_when_the_lapse_is_withdrawn() -> None:
    story = opened()
    story.does(Reassign, "lee", to="mark")
    story.at(LATE).does(Reassign, "lee", to="mona")
    story.does(Acknowledge, "mona", sent_at="2026-03-04 17:00")
    assert story.alerts() == [
        ("acknowledgement_lapsed", ["staff:mark", "lead:manager"]),
        ("lapse_withdrawn", ["staff:mark", "lead:manager", "staff:mona"]),
    ]


def test_a_letter_sent_and_keyed_late_leaves_the_lapse() -> None:
    story = opened().at("2026-03-06 09:00")
    story.does(Acknowledge, sent_at=LATE)
    assert story.deadline("acknowledgement").lapsed_at == at("2026-03-05 00:00")
    assert story.times("lapse_withdrawn") == []


def test_a_letter_from_the_future_is_refused() -> None:
    opened().refuses(Code.IN_FUTURE, Acknowledge, sent_at="2026-03-02 10:01:01")


def test_a_minute_of_skew_counts_as_now() -> None:
    story = opened()
    story.does(Acknowledge, sent_at="2026-03-02 10:01")
    assert story.deadline("acknowledgement").met_at == at(MONDAY)


def test_a_letter_sent_before_the_clock_started_is_refused() -> None:
    refusal = opened().refuses(Code.BEFORE_CLOCK, Acknowledge, sent_at="2026-03-02 09:59")
    assert refusal.sentence == "sent_at: it lies before the complaint reached Manager (Mon 2 Mar 2026)."


def test_a_signal_is_judged_by_when_it_was_sent() -> None:
    story = opened().at(LATE)
    story.sends(Acknowledge, made_at="2026-03-04 23:59")
    assert story.deadline("acknowledgement").met_at == at("2026-03-04 23:59")
    assert story.deadline("acknowledgement").lapsed_at is None
    assert story.letters() == ["acknowledgement"]


def test_a_signal_from_the_future_is_made_now() -> None:
    story = opened()
    story.sends(Acknowledge, made_at="2026-03-05 10:00")
    assert story.deadline("acknowledgement").met_at == at(MONDAY)


def test_a_second_acknowledgement_is_refused() -> None:
    story = opened().at(IN_TIME)
    story.does(Acknowledge)
    refusal = story.refuses(Code.ALREADY_DONE, Acknowledge)
    assert refusal.sentence == "Manager acknowledged the complaint on Wed 4 Mar 2026."


def test_an_acknowledgement_found_to_have_gone_earlier_counts() -> None:
    story = opened().at(LATE)
    story.does(Acknowledge)
    story.does(Acknowledge, sent_at="2026-03-04 09:00")
    assert story.deadline("acknowledgement").met_at == at("2026-03-04 09:00")
    assert story.deadline("acknowledgement").lapsed_at is None


def test_a_reply_without_an_acknowledgement_counts_as_one_too() -> None:
    story = opened().at("2026-03-03 12:00")
    story.does(Reply)
    assert story.deadline("acknowledgement").met_at == at("2026-03-03 12:00")
    story.at("2026-03-20 12:00")
    assert story.times("lapsed") == []


def test_an_acknowledgement_keyed_after_the_reply_withdraws_its_lapse() -> None:
    story = replied("2026-03-06 10:00")
    assert story.deadline("acknowledgement").lapsed_at
    story.does(Acknowledge, sent_at="2026-03-03 10:00")
    assert story.deadline("acknowledgement").lapsed_at is None
    assert story.state.status == "awaiting_complainant"


def test_a_reply_opens_the_way_to_the_next_tier() -> None:
    story = replied("2026-03-05 10:00")
    assert story.state.status == "awaiting_complainant"
    assert story.letters() == ["reply"]
    assert story.times("window_opened") == ["2026-03-05 10:00"]


def test_a_late_reply_is_late_and_ends_the_lapse() -> None:
    story = replied("2026-03-18 10:00")
    met = story.events("deadline_met", deadline=2)[0]
    assert met.detail["in_time"] is False
    assert story.deadline("reply").lapsed_at == at("2026-03-17 00:00")
    assert not story.state.is_overdue


def test_a_second_reply_is_refused() -> None:
    refusal = replied("2026-03-05 10:00").refuses(Code.ALREADY_DONE, Reply)
    assert refusal.sentence == "Manager replied on Thu 5 Mar 2026; it is awaiting complainant."


def test_compensation_and_actions_become_undertakings_and_an_apology_is_made_by_the_reply() -> None:
    story = opened().at("2026-03-05 10:00")
    story.does(Reply, remedies=[APOLOGY, COMPENSATION, ACTION], carry_out_by="2026-03-20")
    undertakings = [(undertaking.what, undertaking.by) for undertaking in story.state.undertakings]
    assert undertakings == [("compensation of £150.00", day("2026-03-20")), ("Send the file.", day("2026-03-20"))]


def test_remedies_in_the_past_are_refused() -> None:
    story = opened().at("2026-03-05 10:00")
    story.refuses(Code.IN_PAST, Reply, remedies=[COMPENSATION], carry_out_by="2026-03-04")


def test_a_complaint_that_is_not_upheld_has_no_remedy() -> None:
    with pytest.raises(ValidationError, match="a complaint that is not upheld has none"):
        opened().act(Reply, outcome="not_upheld", remedies=[APOLOGY])


def test_a_date_without_anything_to_carry_out_is_refused() -> None:
    with pytest.raises(ValidationError, match="there is no action or compensation to carry out"):
        opened().act(Reply, remedies=[APOLOGY], carry_out_by="2026-04-01")


@pytest.mark.parametrize(
    "remedy",
    [
        {"kind": "compensation"},
        {"kind": "compensation", "pence": 0},
        {"kind": "action"},
        {"kind": "apology", "pence": 100},
        {"kind": "action", "what": "Call.", "pence": 100},
    ],
)
def test_a_remedy_says_all_that_belongs_to_its_kind_and_no_more(remedy: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        opened().act(Reply, remedies=[remedy])


def test_a_reply_to_a_complaint_with_the_case_handler_is_refused() -> None:
    story = opened(told_case_handler_on=None)
    story.refuses(Code.NOT_NOW, Reply, "mark")
    story.refuses(Code.NOT_NOW, Acknowledge, "mark")


def test_a_reply_of_a_tier_already_left_is_refused() -> None:
    story = opened().at("2026-03-05 10:00")
    story.does(Acknowledge)
    story.at("2026-03-17 10:00").does(Escalate)
    refusal = story.at("2026-03-18 10:00").refuses(Code.TIER_PASSED, Reply, "mark")
    assert refusal.sentence == ("The complaint left Manager on Tue 17 Mar 2026 and is with Customer Complaints team.")
    story.refuses(Code.TIER_PASSED, Reply, "mona", tier="manager")


def test_a_reply_sent_before_the_escalation_is_judged_and_the_escalation_remains() -> None:
    story = opened().at("2026-03-17 10:00")
    story.does(Escalate)
    story.at("2026-03-18 10:00").does(Reply, "mark", sent_at="2026-03-16 15:00", remedies=[COMPENSATION])
    deadline = story.deadline("reply", "manager")
    assert (deadline.met_at, deadline.lapsed_at) == (at("2026-03-16 15:00"), None)
    assert story.state.tier_id == "customer_complaints_team"
    assert story.state.status == "awaiting_acknowledgement"
    assert story.state.undertakings[0].tiers == ["manager"]


def test_a_tier_that_the_complaint_has_not_been_with_cannot_write() -> None:
    opened().refuses(Code.NO_SUCH_TIER, Reply, tier="customer_complaints_team")
