"""The start of a clock (R3)."""

from complaints.procedure.acts import Acknowledge, AskManager, Escalate, Reply
from complaints.procedure.enums import Code
from tests.procedure.builders import HOUSING, MONDAY, at, day, local, opened, replied


def test_both_clocks_run_from_receipt() -> None:
    story = opened()
    assert story.deadline("acknowledgement").due_on == day("2026-03-04")
    assert story.deadline("reply").due_on == day("2026-03-16")
    assert story.state.status == "awaiting_acknowledgement"


def test_a_late_acknowledgement_buys_no_time() -> None:
    story = opened().at("2026-03-09 10:00")
    story.does(Acknowledge)
    assert story.deadline("reply").due_on == day("2026-03-16")


def test_a_letter_opened_late_counts_from_its_receipt() -> None:
    story = opened("2026-03-03 16:00", received_at=MONDAY)
    assert story.deadline("acknowledgement").due_on == day("2026-03-04")


def test_a_deadline_already_past_when_it_is_set_lapses_at_once() -> None:
    story = opened("2026-03-18 16:00", received_at=MONDAY).assign("mona")
    assert story.times("lapsed") == ["2026-03-18 16:00", "2026-03-18 16:00"]
    assert story.state.is_overdue


def test_a_form_from_a_clock_slightly_ahead_counts_as_received_now() -> None:
    story = opened(received_at="2026-03-02 10:00:45")
    story.does(Acknowledge)
    assert story.deadline("acknowledgement").met_at == at(MONDAY)


def test_the_next_tiers_clocks_start_at_the_receipt_of_the_escalation() -> None:
    story = replied("2026-03-04 10:00").at("2026-03-12 10:00")
    story.does(Escalate, received_at="2026-03-09 15:00")
    assert story.deadline("acknowledgement").due_on == day("2026-03-11")
    assert story.deadline("reply").due_on == day("2026-03-23")
    assert story.times("lapsed") == ["2026-03-12 10:00"]


def test_the_first_tiers_clocks_start_when_a_manager_was_asked_for() -> None:
    story = opened(told_case_handler_on=None).at("2026-03-11 10:00")
    story.does(AskManager, received_at="2026-03-10 10:00")
    assert story.deadline("acknowledgement").due_on == day("2026-03-12")


def test_an_escalation_from_the_future_is_refused() -> None:
    story = replied("2026-03-05 10:00")
    refusal = story.refuses(Code.IN_FUTURE, Escalate, received_at="2026-03-05 10:02")
    assert refusal.sentence == ("received_at: Thu 5 Mar 2026 10:02 lies in the future; it is now Thu 5 Mar 2026 10:00.")


def test_a_reply_clock_may_start_at_the_acknowledgement() -> None:
    story = opened(policy=HOUSING).at("2026-03-04 10:00")
    story.does(Acknowledge)
    assert story.deadline("reply").due_on == day("2026-03-18")
    assert story.deadline("reply").first_on == day("2026-03-18")
    assert story.times("deadline_moved") == ["2026-03-04 10:00"]


def test_a_reply_clock_starts_at_the_latest_with_the_acknowledgements_due_day() -> None:
    story = opened(policy=HOUSING)
    assert story.deadline("acknowledgement").due_on == day("2026-03-09")
    assert story.deadline("reply").due_on == day("2026-03-23")
    story.at("2026-03-12 10:00").does(Acknowledge)
    assert story.deadline("reply").due_on == day("2026-03-23")


def test_an_acknowledgement_keyed_late_moves_that_reply_deadline_by_the_day_of_sending() -> None:
    story = opened(policy=HOUSING).at("2026-03-12 10:00")
    story.does(Acknowledge, sent_at="2026-03-03 09:00")
    assert story.deadline("reply").due_on == day("2026-03-17")


def test_a_reply_date_counted_from_the_acknowledgement_and_already_past_lapses_at_once() -> None:
    story = opened(policy=HOUSING).at("2026-03-20 10:00")
    story.does(Acknowledge, sent_at="2026-03-03 09:00")
    assert story.times("lapsed", due_at="2026-03-18T00:00:00Z") == ["2026-03-20 10:00"]


def test_a_reply_without_an_acknowledgement_is_in_time_if_the_clock_starts_at_the_acknowledgement() -> None:
    story = opened(policy=HOUSING).at("2026-03-06 10:00")
    story.does(Reply)
    assert local(story.deadline("reply").met_at or at(MONDAY)) == "2026-03-06 10:00"
    assert story.times("lapsed") == []
