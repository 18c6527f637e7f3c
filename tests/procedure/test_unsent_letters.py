"""A letter that did not go is not sent: it meets nothing, and extends nothing (R4, R5)."""

from complaints.procedure.acts import Acknowledge, CaseClosed, Escalate, Extend, LetterHeld, LetterSent, Reply, Withdraw
from complaints.procedure.enums import Code
from tests.procedure.builders import FOS, OPEN, Story, at, day, opened

POST_ROOM = "post.room"


def letter(story: Story, occasion: str) -> int:
    """The number of the latest letter of that occasion."""
    return story.events("letter", occasion=occasion)[-1].sequence


def hold(story: Story, occasion: str) -> Story:
    story.does(LetterHeld, POST_ROOM, letter=letter(story, occasion))
    return story


def send(story: Story, occasion: str, **given: object) -> Story:
    story.does(LetterSent, POST_ROOM, letter=letter(story, occasion), **given)
    return story


def acknowledged(when: str = "2026-03-03 10:00") -> Story:
    story = opened().at(when)
    story.does(Acknowledge)
    return story


def extended(to: str = "2026-03-25") -> Story:
    story = acknowledged().at("2026-03-10 10:00")
    story.does(Extend, to=to)
    return story


def test_an_acknowledgement_that_bounced_and_was_posted_late_is_late() -> None:
    story = hold(acknowledged(), "acknowledgement")
    assert story.deadline("acknowledgement").met_at is None
    assert story.state.status == "awaiting_acknowledgement"
    story.at("2026-03-20 10:00")
    assert story.times("lapsed", deadline=1) == ["2026-03-05 00:00"]
    send(story, "acknowledgement")
    deadline = story.deadline("acknowledgement")
    assert (deadline.met_at, deadline.lapsed_at) == (story.now, at("2026-03-05 00:00"))
    assert story.events("deadline_met", deadline=1)[-1].detail["in_time"] is False
    assert story.state.status == "awaiting_reply"


def test_a_letter_held_after_its_deadline_lapses_it_at_once() -> None:
    story = hold(acknowledged().at("2026-03-06 10:00"), "acknowledgement")
    assert story.times("lapsed", deadline=1) == ["2026-03-06 10:00"]
    assert [event.kind for event in story.state.events if event.kind.startswith("deadline_")][-2:] == [
        "deadline_met",
        "deadline_unmet",
    ]


def test_a_bounced_letter_that_goes_before_the_deadline_is_in_time() -> None:
    story = hold(acknowledged(), "acknowledgement").at("2026-03-04 10:00")
    send(story, "acknowledgement", channel="post")
    assert story.events("deadline_met", deadline=1)[-1].detail["in_time"] is True
    assert not story.at("2026-03-09 10:00").events("lapsed", deadline=1)


def test_an_acknowledgement_may_be_given_in_another_way_while_its_letter_is_held() -> None:
    story = hold(acknowledged(), "acknowledgement").at("2026-03-04 10:00")
    story.does(Acknowledge, sent_at="2026-03-04 09:00")
    assert story.deadline("acknowledgement").met_at == at("2026-03-04 09:00")
    send(story.at("2026-03-12 10:00"), "acknowledgement")
    assert story.deadline("acknowledgement").met_at == at("2026-03-04 09:00")


def test_a_held_acknowledgement_leaves_what_a_reply_met() -> None:
    story = acknowledged().at("2026-03-04 10:00")
    story.does(Reply)
    hold(story, "acknowledgement")
    assert story.deadline("acknowledgement").met_at == at("2026-03-04 10:00")


def test_a_held_reply_is_unmet_and_the_complaint_passes_on_by_its_date() -> None:
    story = acknowledged().at("2026-03-04 10:00")
    story.does(Reply)
    hold(story, "reply")
    assert story.deadline("reply").met_at is None
    assert story.deadline("acknowledgement").met_at == at("2026-03-03 10:00")
    story.at("2026-03-25 10:00")
    assert story.times("lapsed", deadline=2) == ["2026-03-17 00:00"]
    assert story.times("escalated_on_lapse") == ["2026-03-24 00:00"]


def test_a_reply_found_unsent_long_after_its_date_is_still_seen_before_it_passes_on() -> None:
    story = acknowledged().at("2026-03-04 10:00")
    story.does(Reply)
    hold(story.at("2026-03-26 10:00"), "reply")
    assert story.times("lapsed", deadline=2) == ["2026-03-26 10:00"]
    assert story.state.tier_id == "manager"
    story.at("2026-04-03 10:00")
    assert story.times("escalated_on_lapse") == ["2026-04-03 00:00"]


def test_an_extension_found_unsent_after_the_first_date_is_still_seen_before_it_passes_on() -> None:
    story = acknowledged().at("2026-03-04 10:00")
    story.does(Extend, to="2026-04-07")
    hold(story.at("2026-03-26 10:00"), "more_time").at("2026-04-03 10:00")
    assert story.times("escalated_on_lapse") == ["2026-04-03 00:00"]


def test_a_reply_that_goes_after_the_complaint_passed_on_meets_nothing() -> None:
    story = acknowledged().at("2026-03-04 10:00")
    story.does(Reply)
    hold(story, "reply").at("2026-03-25 10:00")
    send(story, "reply")
    assert story.deadline("reply", "manager").met_at is None


def test_a_reply_posted_before_the_complaint_passed_on_and_keyed_later_is_met() -> None:
    story = acknowledged().at("2026-03-04 10:00")
    story.does(Reply)
    hold(story, "reply").at("2026-03-25 10:00")
    send(story, "reply", sent_at="2026-03-13 10:00")
    deadline = story.deadline("reply", "manager")
    assert (deadline.met_at, deadline.lapsed_at) == (at("2026-03-13 10:00"), None)


def test_a_second_reply_is_refused_with_the_held_letter() -> None:
    story = acknowledged().at("2026-03-04 10:00")
    story.does(Reply)
    number = letter(story, "reply")
    refusal = hold(story, "reply").refuses(Code.ALREADY_DONE, Reply)
    assert f"its letter {number} is held" in refusal.sentence


def test_a_reply_that_lapsed_and_then_bounced_is_chased_again() -> None:
    story = acknowledged().at("2026-03-18 10:00")
    story.does(Reply)
    hold(story, "reply").at("2026-03-23 23:59")
    assert story.times("lapsed", deadline=2) == ["2026-03-17 00:00"]
    assert story.times("chased", deadline=2) == ["2026-03-23 09:00"]


def test_a_letter_held_after_an_escalation_ends_its_deadline_as_unmet() -> None:
    story = acknowledged().at("2026-03-04 10:00")
    story.does(Reply)
    story.at("2026-03-06 10:00").does(Escalate)
    hold(story, "reply")
    deadline = story.deadline("reply", "manager")
    assert (deadline.met_at, deadline.is_running) == (None, False)
    assert not story.at("2026-03-30 10:00").events("lapsed", deadline=deadline.number)


def test_a_letter_held_after_a_withdrawal_lapses_nothing() -> None:
    story = acknowledged()
    story.does(Withdraw)
    hold(story, "acknowledgement").at("2026-03-30 10:00")
    assert not story.events("lapsed")


def test_a_reply_clock_that_starts_at_the_acknowledgement_runs_from_its_due_day_while_that_is_held() -> None:
    manager, *others = FOS.tiers
    assert manager.reply
    reply = manager.reply.model_copy(update={"counts_from": "acknowledgement"})
    policy = FOS.model_copy(update={"tiers": (manager.model_copy(update={"reply": reply}), *others)})
    story = opened(policy=policy).at("2026-03-03 10:00")
    story.does(Acknowledge)
    assert story.deadline("reply").due_on == day("2026-03-17")
    hold(story, "acknowledgement")
    assert story.deadline("reply").due_on == day("2026-03-18")
    send(story.at("2026-03-03 15:00"), "acknowledgement")
    assert story.deadline("reply").due_on == day("2026-03-17")


def test_a_held_extension_leaves_the_earlier_date_which_may_lapse() -> None:
    story = hold(extended(), "more_time")
    assert story.deadline("reply").due_on == day("2026-03-16")
    story.at("2026-03-17 10:00")
    assert story.times("lapsed", deadline=2) == ["2026-03-17 00:00"]


def test_a_held_extension_counts_once_its_letter_has_gone() -> None:
    story = hold(extended(), "more_time").at("2026-03-12 10:00")
    send(story, "more_time")
    assert story.deadline("reply").due_on == day("2026-03-25")
    story.at("2026-03-20 10:00").does(Reply)
    assert story.events("deadline_met", deadline=2)[-1].detail["in_time"] is True


def test_an_extension_that_goes_after_the_lapse_leaves_the_lapse() -> None:
    story = hold(extended(), "more_time").at("2026-03-18 10:00")
    send(story, "more_time")
    deadline = story.deadline("reply")
    assert (deadline.due_on, deadline.lapsed_at) == (day("2026-03-25"), at("2026-03-17 00:00"))
    assert deadline.escalate_at is None


def test_an_extension_posted_before_the_lapse_and_keyed_after_it_withdraws_it() -> None:
    story = acknowledged().at("2026-03-18 10:00")
    story.does(Extend, to="2026-03-25", sent_at="2026-03-13 10:00", channel="post")
    deadline = story.deadline("reply")
    assert (deadline.due_on, deadline.lapsed_at) == (day("2026-03-25"), None)
    assert story.letters() == ["acknowledgement", "reply_late"]
    assert story.alerts()[-1][0] == "lapse_withdrawn"


def test_an_extension_signalled_before_the_lapse_and_done_after_it_withdraws_it() -> None:
    story = acknowledged().at("2026-03-17 10:00")
    story.does(Extend, to="2026-03-25", made_at="2026-03-16 23:00")
    assert story.deadline("reply").lapsed_at is None


def test_an_extension_sent_in_the_future_or_before_the_tier_is_refused() -> None:
    story = acknowledged()
    story.refuses(Code.IN_FUTURE, Extend, to="2026-03-25", sent_at="2026-03-04 10:00")
    story.refuses(Code.BEFORE_CLOCK, Extend, to="2026-03-25", sent_at="2026-03-01 10:00")


def test_a_reply_after_the_first_date_is_late_when_the_extension_never_went() -> None:
    story = extended().at("2026-03-20 10:00")
    story.does(Reply)
    hold(story, "more_time")
    deadline = story.deadline("reply")
    assert (deadline.due_on, deadline.is_running) == (day("2026-03-16"), False)
    assert deadline.met_at
    assert deadline.met_at >= deadline.at


def test_while_the_case_is_open_a_held_reply_keeps_its_window() -> None:
    story = opened(case=OPEN).at("2026-03-04 10:00")
    story.does(Reply)
    hold(story, "reply")
    story.at("2026-03-05 10:00").does(CaseClosed)
    assert story.window_ends is None


def test_a_reply_that_has_gone_is_never_announced_as_late() -> None:
    story = extended()
    story.at("2026-03-20 10:00").does(Reply)
    hold(story, "more_time")
    assert story.alerts()[-2][0] == "reply_lapsed"
    assert "reply_late" not in story.letters()
