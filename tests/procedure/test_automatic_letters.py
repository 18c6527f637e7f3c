"""R6, R7: letters that no act causes go at the hour of notices, while they are true."""

from datetime import time

import pytest

from complaints.procedure.acts import (
    AcceptLate,
    Acknowledge,
    CaseReopened,
    ChangePolicy,
    Classify,
    Escalate,
    Extend,
    LetterHeld,
    Reopen,
    Reply,
    Withdraw,
)
from complaints.procedure.complaint import Complaint
from complaints.procedure.dates.allowance import Allowance
from complaints.procedure.policy import Policy
from complaints.procedure.state import ComplaintState
from tests.procedure.builders import BY_HAND, FOS, LEAD, TEAM, Story, announce, at, calendar_of, opened, replied

FRIDAY = "2026-03-06 10:00"
"""A complaint received on this day has its reply due on Friday 20 March."""


def late_on_friday() -> Story:
    """A manager's reply was due on Friday 20 March; it is Saturday."""
    story = opened(FRIDAY)
    story.does(Acknowledge)
    return story.at("2026-03-21 10:00")


def passed_on() -> Story:
    """No reply came by Friday 13 March, so it passed on after Friday 20 March; it is Saturday."""
    story = opened("2026-02-27 10:00")
    story.does(Acknowledge)
    story.at("2026-03-21 10:00")
    assert story.times("escalated_on_lapse") == ["2026-03-21 00:00"]
    return story


def closed_over_easter() -> Story:
    """A manager replied on Friday 6 March; the window ended with Monday 6 April, a bank holiday."""
    story = replied("2026-03-06 10:00").at("2026-04-07 08:00")
    assert (story.closed, story.times("closed")) == ("not_taken_further", ["2026-04-07 00:00"])
    return story


def letter_times(story: Story, occasion: str) -> list[str]:
    return story.times("letter", occasion=occasion)


def test_fridays_deadline_is_written_about_on_monday_at_nine() -> None:
    story = late_on_friday()
    assert story.times("lapsed") == ["2026-03-21 00:00"]
    assert letter_times(story, "reply_late") == []
    assert story.next_due == "2026-03-23 09:00"
    story.at("2026-03-27 10:00")
    assert letter_times(story, "reply_late") == ["2026-03-23 09:00"]


def test_a_deadline_of_a_working_day_is_written_about_on_the_next_one() -> None:
    story = opened().at("2026-03-17 09:00")
    assert (story.times("lapsed")[-1], letter_times(story, "reply_late")) == ("2026-03-17 00:00", ["2026-03-17 09:00"])


def test_no_letter_goes_on_a_bank_holiday() -> None:
    story = opened("2026-03-19 10:00").at("2026-04-10 10:00")
    assert story.times("lapsed")[-1] == "2026-04-03 00:00"
    assert letter_times(story, "reply_late") == ["2026-04-07 09:00"]


def test_the_hour_is_that_of_the_clock_when_clocks_change() -> None:
    story = opened("2026-03-13 10:00").at("2026-03-30 10:00")
    assert story.times("lapsed")[-1] == "2026-03-28 00:00"
    [letter] = story.events("letter", occasion="reply_late")
    assert letter.at.isoformat() == "2026-03-30T08:00:00+00:00"


def test_what_an_act_finds_lapsed_is_written_about_at_the_next_hour() -> None:
    story = opened("2026-03-18 14:00", received_at="2026-03-02 10:00").assign(None)
    assert story.times("lapsed") == ["2026-03-18 14:00"] * 2
    story.at("2026-03-20 10:00")
    assert letter_times(story, "reply_late") == ["2026-03-19 09:00"]


@pytest.mark.parametrize(("policy", "expected"), [("hours", "2026-03-04 09:00"), ("seconds", "2026-03-03 10:00")])
def test_only_after_seconds_a_letter_goes_at_once(policy: str, expected: str) -> None:
    within = Allowance(hours=24) if policy == "hours" else Allowance(seconds=86_400)
    story = opened(policy=with_reply(within=within)).at("2026-03-05 10:00")
    assert story.times("lapsed", deadline=2) == ["2026-03-03 10:00"]
    assert letter_times(story, "reply_late") == [expected]


def with_reply(**terms: object) -> Policy:
    manager, *others = FOS.tiers
    assert manager.reply
    changed = manager.model_copy(update={"reply": manager.reply.model_copy(update=terms)})
    return FOS.model_copy(update={"tiers": (changed, *others)})


def test_by_hand_every_letter_goes_at_once() -> None:
    story = opened(policy=BY_HAND).at("2026-03-02 10:20")
    assert story.times("lapsed", deadline=2) == letter_times(story, "reply_late")[:1] == ["2026-03-02 10:01"]
    assert story.times("escalated_on_lapse") == letter_times(story, "passed_on") == ["2026-03-02 10:01:30"]


def test_a_reply_before_the_hour_leaves_nothing_to_write() -> None:
    story = late_on_friday()
    story.does(Reply)
    assert letter_times(story.at("2026-03-27 10:00"), "reply_late") == []


def test_a_reply_at_the_hour_comes_after_the_letter() -> None:
    story = late_on_friday().at("2026-03-23 09:00")
    story.does(Reply)
    assert story.letters()[-2:] == ["reply_late", "reply"]


def test_a_lapse_that_is_withdrawn_before_the_hour_is_not_written_about() -> None:
    story = late_on_friday()
    story.does(Reply, sent_at="2026-03-20 17:00")
    assert story.events("lapse_withdrawn")
    assert letter_times(story.at("2026-03-27 10:00"), "reply_late") == []


def test_an_extension_before_the_hour_says_that_the_reply_is_late() -> None:
    story = late_on_friday()
    story.does(Extend, to="2026-03-25")
    assert letter_times(story.at("2026-03-25 10:00"), "reply_late") == []
    assert letter_times(story.at("2026-03-27 10:00"), "reply_late") == ["2026-03-26 09:00"]


def test_a_reply_that_is_held_is_late_still() -> None:
    story = late_on_friday()
    story.does(Reply)
    story.at("2026-03-24 14:00").does(LetterHeld, "post.room", letter=story.events("letter")[-1].sequence)
    assert letter_times(story.at("2026-03-27 10:00"), "reply_late") == ["2026-03-25 09:00"]


def test_an_escalation_before_the_hour_leaves_one_letter() -> None:
    story = late_on_friday()
    story.does(Escalate)
    assert story.at("2026-03-27 08:00").letters() == ["acknowledgement", "escalation_received"]


def test_a_complaint_that_passes_on_before_the_hour_gets_one_letter() -> None:
    story = opened(FRIDAY, policy=with_reply(escalate_after_lapse=Allowance(calendar_days=1)))
    story.at("2026-03-24 10:00")
    assert story.times("escalated_on_lapse") == ["2026-03-22 00:00"]
    assert story.letters() == ["passed_on"]


def test_a_complaint_that_passes_on_is_written_about_at_the_hour() -> None:
    story = passed_on().at("2026-03-24 10:00")
    [letter] = story.events("letter", occasion="passed_on")
    assert letter_times(story, "passed_on") == ["2026-03-23 09:00"]
    assert (letter.detail["happened_on"], letter.detail["was_due"]) == ("2026-03-21", "2026-03-13")
    assert (letter.detail["acknowledge_by"], letter.detail["replied_on"]) == ("2026-03-24", None)


def test_the_letter_about_passing_on_promises_what_is_still_due() -> None:
    story = passed_on()
    story.does(Acknowledge, TEAM)
    [letter] = story.at("2026-03-24 10:00").events("letter", occasion="passed_on")
    assert letter.detail["acknowledge_by"] is None


def test_the_letter_about_passing_on_says_that_a_reply_was_keyed_late() -> None:
    story = passed_on()
    story.does(Reply, "mark", sent_at="2026-03-20 17:00", tier="manager")
    [letter] = story.at("2026-03-24 10:00").events("letter", occasion="passed_on")
    assert letter.detail["replied_on"] == "2026-03-20"


def test_a_complaint_that_passed_on_and_was_answered_before_the_hour_gets_the_answer_only() -> None:
    story = passed_on()
    story.does(Reply, TEAM)
    assert letter_times(story.at("2026-03-27 10:00"), "passed_on") == []


def test_a_complaint_that_passed_on_and_closed_before_the_hour_is_not_written_about() -> None:
    story = passed_on()
    story.does(Withdraw)
    assert letter_times(story.at("2026-03-27 10:00"), "passed_on") == []
    story.does(Reopen, LEAD)
    assert letter_times(story.at("2026-04-01 10:00"), "passed_on") == ["2026-03-30 09:00"]


def test_a_window_that_ends_is_written_about_at_the_hour() -> None:
    story = closed_over_easter()
    assert (story.letters()[-1], story.next_due) == ("reply", "2026-04-07 09:00")
    [letter] = story.at("2026-04-07 10:00").events("letter", occasion="closed")
    assert letter_times(story, "closed") == ["2026-04-07 09:00"]
    assert (letter.detail["happened_on"], letter.detail["may_ask"]) == ("2026-04-07", None)


def test_a_complaint_taken_up_again_before_the_hour_gets_no_closing_letter() -> None:
    taken, escalated, reopened = closed_over_easter(), closed_over_easter(), closed_over_easter()
    taken.does(AcceptLate, LEAD)
    escalated.does(Escalate, received_at="2026-04-06 10:00")
    reopened.does(LetterHeld, "post.room", letter=reopened.events("letter")[-1].sequence)
    reopened.does(Reopen, LEAD)
    for story in (taken, escalated, reopened):
        assert "closed" not in story.at("2026-04-10 10:00").letters()


def test_a_closing_letter_names_the_tier_to_ask_once_the_window_has_revived() -> None:
    story = replied("2026-03-04 10:00").at("2026-04-05 10:00")
    story.does(CaseReopened)
    [letter] = story.at("2026-04-07 10:00").events("letter", occasion="closed")
    assert (letter.detail["may_ask"], letter.detail["may_ask_until"]) == ("customer_complaints_team", None)
    story.does(Escalate)


def test_a_signposted_complaint_taken_up_again_goes_on_with_its_letter() -> None:
    story = late_on_friday()
    story.does(Classify, LEAD, concern=1, aspect="outcome")
    assert story.closed == "signposted"
    story.at("2026-03-24 10:00").does(Classify, LEAD, concern=1, aspect="delay")
    assert letter_times(story.at("2026-03-27 10:00"), "reply_late") == ["2026-03-25 09:00"]


def test_a_holiday_announced_late_moves_the_letter() -> None:
    for story, occasion in ((late_on_friday(), "reply_late"), (passed_on(), "passed_on")):
        announce(story, "2026-03-23")
        assert letter_times(story.at("2026-03-27 10:00"), occasion) == ["2026-03-24 09:00"]
    story = announce(closed_over_easter(), "2026-04-07")
    assert letter_times(story.at("2026-04-10 10:00"), "closed") == ["2026-04-08 09:00"]


def test_a_holiday_struck_late_moves_the_letter_to_the_next_hour() -> None:
    story = opened("2026-03-19 10:00").at("2026-04-03 12:00")
    announce(story, strike=("2026-04-06",))
    assert letter_times(story.at("2026-04-10 10:00"), "reply_late") == ["2026-04-06 09:00"]


def test_another_hour_of_notices_moves_the_letter() -> None:
    story = late_on_friday()
    policy = FOS.model_copy(update={"version": "later", "notices_at": time(11, 30)})
    story.does(ChangePolicy, by="op", policy=policy, calendar=calendar_of(FOS), reason="A new hour.")
    assert letter_times(story.at("2026-03-27 10:00"), "reply_late") == ["2026-03-23 11:30"]


def test_a_letter_to_write_is_part_of_the_state() -> None:
    for story in (late_on_friday(), passed_on(), closed_over_easter()):
        restored = Complaint(ComplaintState.model_validate_json(story.state.model_dump_json()))
        restored.elapse(story.at("2026-04-10 10:00").now)
        assert restored.state == story.state


def test_the_workflow_stays_for_the_closing_letter() -> None:
    policy = FOS.model_copy(update={"reopening_period": Allowance(hours=1)})
    story = opened(policy=policy).at("2026-03-04 10:00")
    story.does(Reply)
    story.at("2026-04-05 00:00")
    assert story.closed == "not_taken_further"
    letter_at = story.complaint.next_due()
    assert letter_at
    assert story.complaint.retires_at() == letter_at.at
    assert story.at("2026-04-07 09:00").letters()[-1] == "closed"
    assert story.complaint.retires_at() == at("2026-04-05 01:00")
