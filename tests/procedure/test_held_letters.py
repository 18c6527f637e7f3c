"""A letter that did not go is not sent: while it is held, it meets nothing (R4, R5)."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from complaints.procedure.acts import Acknowledge, Escalate, Extend, LetterHeld, LetterSent, Reply, Withdraw
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.enums import Code
from complaints.procedure.permissions import POST_ROOM
from tests.procedure.builders import HOUSING, LEAD, Story, at, day, local, opened, replied


def letter(story: Story, occasion: str) -> int:
    return story.events("letter", occasion=occasion)[-1].sequence


def hold(story: Story, occasion: str) -> int:
    number = letter(story, occasion)
    story.does(LetterHeld, POST_ROOM, letter=number)
    return number


def met(deadline: Deadline) -> str | None:
    return local(deadline.met_at) if deadline.met_at else None


def acknowledged() -> Story:
    story = opened().at("2026-03-03 10:00")
    story.does(Acknowledge)
    return story


def test_a_held_acknowledgement_lapses_at_its_instant() -> None:
    story = acknowledged()
    hold(story, "acknowledgement")
    assert story.deadline("acknowledgement").met_at is None
    assert story.state.status == "awaiting_acknowledgement"
    story.at("2026-03-06 10:00")
    assert story.times("lapsed") == ["2026-03-05 00:00"]


def test_a_letter_held_after_the_deadline_lapses_at_once() -> None:
    story = acknowledged().at("2026-03-10 10:00")
    hold(story, "acknowledgement")
    assert story.times("lapsed") == ["2026-03-10 10:00"]
    assert ("acknowledgement_lapsed", ["staff:mark", "lead:manager"]) in story.alerts()


def test_a_letter_that_was_held_is_judged_by_when_it_went() -> None:
    story = acknowledged()
    number = hold(story, "acknowledgement")
    story.at("2026-03-20 10:00").does(LetterSent, POST_ROOM, letter=number, channel="post")
    deadline = story.deadline("acknowledgement")
    assert met(deadline) == "2026-03-20 10:00"
    assert deadline.lapsed_at == at("2026-03-05 00:00")
    assert [event.detail["in_time"] for event in story.events("deadline_met", deadline=1)] == [True, False]
    assert story.state.status == "awaiting_reply"


def test_both_facts_of_a_held_letter_stay_on_the_record() -> None:
    story = acknowledged()
    hold(story, "acknowledgement")
    assert len(story.events("deadline_met", deadline=1)) == len(story.events("deadline_unmet", deadline=1)) == 1


def test_a_letter_sent_in_time_and_said_late_withdraws_the_lapse() -> None:
    story = acknowledged()
    number = hold(story, "acknowledgement")
    story.at("2026-03-06 10:00").does(LetterSent, LEAD, letter=number, sent_at="2026-03-04 12:00")
    assert story.deadline("acknowledgement").lapsed_at is None
    assert story.alerts()[-1][0] == "lapse_withdrawn"


def test_a_letter_does_not_go_before_it_was_written() -> None:
    story = acknowledged()
    number = hold(story, "acknowledgement")
    story.refuses(Code.BEFORE_CLOCK, LetterSent, LEAD, letter=number, sent_at="2026-03-02 12:00")


def test_while_a_letter_is_held_another_acknowledgement_may_go() -> None:
    story = acknowledged()
    hold(story, "acknowledgement")
    story.does(Acknowledge, sent_at="2026-03-03 10:00", channel="post")
    assert met(story.deadline("acknowledgement")) == "2026-03-03 10:00"


def test_a_held_acknowledgement_is_met_by_the_reply() -> None:
    story = acknowledged().at("2026-03-10 10:00")
    story.does(Reply)
    story.at("2026-03-11 10:00")
    hold(story, "acknowledgement")
    assert met(story.deadline("acknowledgement")) == "2026-03-10 10:00"
    assert story.times("lapsed", deadline=1) == ["2026-03-11 10:00"]


def test_a_held_reply_is_no_reply() -> None:
    story = replied("2026-03-05 10:00")
    number = hold(story, "reply")
    assert [deadline.met_at for deadline in story.state.deadlines] == [None, None]
    story.at("2026-03-18 10:00")
    assert story.times("lapsed", deadline=2) == ["2026-03-17 00:00"]
    assert story.state.is_overdue
    story.does(LetterSent, POST_ROOM, letter=number)
    assert met(story.deadline("reply")) == "2026-03-18 10:00"
    assert not story.state.is_overdue
    assert story.window_ends == "2026-04-19 00:00"


def test_a_complaint_escalates_automatically_while_the_reply_is_held() -> None:
    story = replied("2026-03-05 10:00")
    number = hold(story, "reply")
    story.at("2026-03-24 10:00")
    assert (story.times("escalated_on_lapse"), story.state.tier_id) == (
        ["2026-03-24 00:00"],
        "customer_complaints_team",
    )
    story.does(LetterSent, POST_ROOM, letter=number)
    assert story.deadline("reply", "manager").met_at is None


def test_a_letter_that_went_before_the_tier_was_left_meets_its_deadline() -> None:
    story = replied("2026-03-05 10:00")
    number = hold(story, "reply")
    story.at("2026-03-24 10:00").does(LetterSent, LEAD, letter=number, sent_at="2026-03-16 10:00")
    assert met(story.deadline("reply", "manager")) == "2026-03-16 10:00"
    assert story.deadline("reply", "manager").lapsed_at is None
    assert story.state.tier_id == "customer_complaints_team"


def test_a_letter_held_after_its_tier_was_left_was_missed_there() -> None:
    story = replied("2026-03-05 10:00").at("2026-03-20 10:00")
    story.does(Escalate)
    hold(story, "reply")
    deadline = story.deadline("reply", "manager")
    assert (deadline.met_at, deadline.ended_at, deadline.chase_at) == (None, at("2026-03-20 10:00"), None)
    assert deadline.lapsed_at == at("2026-03-20 10:00")


def test_a_deadline_that_had_not_passed_when_its_tier_was_left_just_ends() -> None:
    story = replied("2026-03-05 10:00").at("2026-03-06 10:00")
    story.does(Escalate)
    story.at("2026-03-20 10:00")
    hold(story, "reply")
    assert (story.deadline("reply", "manager").lapsed_at, story.deadline("reply", "manager").ended_at) == (
        None,
        story.now,
    )


def test_a_held_final_reply_is_overdue_although_it_closed_the_complaint() -> None:
    story = replied("2026-03-05 10:00", policy=HOUSING).at("2026-03-06 10:00")
    story.does(Escalate)
    story.at("2026-03-10 10:00").does(Reply)
    number = hold(story, "reply")
    story.at("2026-06-01 10:00")
    assert (story.closed, story.state.is_overdue, story.complaint.retires_at()) == ("final_reply", True, None)
    story.does(LetterSent, POST_ROOM, letter=number)
    assert not story.state.is_overdue
    assert story.complaint.retires_at()


def test_nothing_is_awaited_after_a_withdrawal() -> None:
    story = acknowledged()
    story.does(Withdraw)
    hold(story, "acknowledgement")
    assert (story.deadline("acknowledgement").ended_at, story.state.is_overdue) == (story.now, False)
    assert story.closed == "withdrawn"


def extended(to: str = "2026-03-20") -> Story:
    story = acknowledged().at("2026-03-05 10:00")
    story.does(Extend, to=to)
    return story


def test_while_the_letter_of_an_extension_is_held_the_earlier_date_counts() -> None:
    story = extended()
    number = hold(story, "more_time")
    assert story.deadline("reply").due_on == day("2026-03-16")
    story.at("2026-03-18 10:00")
    assert story.times("lapsed", deadline=2) == ["2026-03-17 00:00"]
    story.does(LetterSent, POST_ROOM, letter=number)
    deadline = story.deadline("reply")
    assert (deadline.due_on, deadline.is_overdue, deadline.escalate_at) == (day("2026-03-20"), False, None)
    assert deadline.lapsed_at == at("2026-03-17 00:00")
    assert len(deadline.extensions) == 1


def test_a_held_extension_found_late_lapses_at_once() -> None:
    story = extended().at("2026-03-18 10:00")
    hold(story, "more_time")
    assert story.times("lapsed", deadline=2) == ["2026-03-18 10:00"]
    assert story.deadline("reply").is_overdue


def test_a_reply_by_a_date_of_which_nobody_heard_is_late() -> None:
    story = extended().at("2026-03-18 10:00")
    story.does(Reply)
    hold(story, "more_time")
    deadline = story.deadline("reply")
    assert (deadline.due_on, deadline.lapsed_at, deadline.is_running) == (day("2026-03-16"), story.now, False)


def test_an_extension_sent_before_the_lapse_and_keyed_after_it_withdraws_the_lapse() -> None:
    story = acknowledged().at("2026-03-18 10:00")
    story.does(Extend, to="2026-03-20", sent_at="2026-03-16 12:00", channel="post")
    assert story.letters()[-1] != "more_time"
    deadline = story.deadline("reply")
    assert (deadline.lapsed_at, deadline.is_overdue, deadline.due_on) == (None, False, day("2026-03-20"))
    assert story.alerts()[-1][0] == "lapse_withdrawn"


def test_an_extension_signalled_before_the_lapse_and_done_after_it_withdraws_the_lapse() -> None:
    story = acknowledged().at("2026-03-17 00:30")
    story.does(Extend, to="2026-03-20", made_at="2026-03-16 23:50")
    assert story.deadline("reply").lapsed_at is None


def test_an_extension_sent_after_the_lapse_undoes_no_lapse() -> None:
    story = acknowledged().at("2026-03-18 10:00")
    story.does(Extend, to="2026-03-20", sent_at="2026-03-17 12:00")
    assert story.deadline("reply").lapsed_at == at("2026-03-17 00:00")
    assert story.deadline("reply").escalate_at is None


def test_an_extension_keyed_after_its_own_date_lapses_by_that_date() -> None:
    story = acknowledged().at("2026-03-20 10:00")
    story.does(Extend, to="2026-03-18", sent_at="2026-03-16 12:00")
    deadline = story.deadline("reply")
    assert [(local(lapse.due_at), lapse.withdrawn_at is None) for lapse in deadline.lapses] == [
        ("2026-03-17 00:00", False),
        ("2026-03-19 00:00", True),
    ]


def test_an_extension_keyed_after_the_automatic_escalation_leaves_the_escalation() -> None:
    story = acknowledged().at("2026-03-25 10:00")
    story.does(Extend, "mark", to="2026-03-20", sent_at="2026-03-16 12:00", tier="manager")
    assert story.state.tier_id == "customer_complaints_team"
    assert story.deadline("reply", "manager").is_running is False


@pytest.mark.parametrize(("sent_at", "code"), [("2026-03-01 10:00", Code.BEFORE_CLOCK), ("2026-03-06", Code.IN_FUTURE)])
def test_an_extension_is_sent_neither_before_the_clock_nor_in_the_future(sent_at: str, code: Code) -> None:
    acknowledged().refuses(code, Extend, to="2026-03-20", sent_at=sent_at)


hours = st.integers(0, 24 * 30)


@given(st.lists(st.tuples(hours, st.sampled_from(["acknowledge", "reply", "hold", "send"])), max_size=14))
def test_the_earliest_letter_that_went_meets_and_a_held_one_never(moves: list[tuple[int, str]]) -> None:
    story = opened()
    for hour, move in sorted(moves):
        story.now = max(story.now, at("2026-03-02 10:00") + timedelta(hours=hour))
        story.complaint.elapse(story.now)
        if story.state.tier_id != "manager":
            break
        own = [each.sequence for kind in ("acknowledgement", "reply") for each in story.events("letter", occasion=kind)]
        if move == "acknowledge":
            story.sends(Acknowledge)
        elif move == "reply":
            story.sends(Reply)
        elif own:
            act = LetterHeld if move == "hold" else LetterSent
            story.sends(act, POST_ROOM, letter=own[hour % len(own)])
    for deadline in story.state.deadlines:
        if deadline.tier == "manager" and not deadline.ended_at:
            went = [each.sent_at for each in deadline.sendings if each.letter not in story.state.held]
            assert deadline.met_at == min(went, default=None)
            if deadline.met_at is None or deadline.met_at >= deadline.at:
                assert deadline.has_passed == (deadline.at <= story.now)
