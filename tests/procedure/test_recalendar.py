"""A holiday announced late: recalendar moves every open date and records it (R14)."""

from datetime import date

from complaints.procedure.acts import (
    Acknowledge,
    Escalate,
    Extend,
    Recalendar,
)
from complaints.procedure.dates.ledgers import ledgers_of
from complaints.procedure.enums import Code
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.procedure.builders import FOS, announce, at, calendar_of, day, opened, replied, with_holidays

FUNERAL = "2026-03-12"
"""A Thursday on the way to most replies, which are due on Monday 16 March."""


def test_recalendar_moves_both_dates_of_an_open_deadline_and_records_them() -> None:
    story = announce(opened(), FUNERAL)
    reply = story.deadline("reply")
    assert (reply.first_on, reply.due_on) == (day("2026-03-17"), day("2026-03-17"))
    [moved] = story.events("deadline_moved")
    assert moved.by == "op"
    assert {field: moved.detail[field] for field in ("from_on", "due_on", "first_from", "first_on", "moved_by")} == {
        "from_on": "2026-03-16",
        "due_on": "2026-03-17",
        "first_from": "2026-03-16",
        "first_on": "2026-03-17",
        "moved_by": "R14",
    }
    [act] = story.events("recalendar")
    assert act.detail["days"] == [{"on": FUNERAL, "was": None, "now": "State funeral"}]
    assert act.free_text == {"reason": "It was announced."}


def test_recalendar_leaves_dates_that_the_change_does_not_touch() -> None:
    story = announce(opened(), FUNERAL)
    assert story.deadline("acknowledgement").moves == []
    assert story.times("deadline_moved") == ["2026-03-02 10:00"]


def test_the_ledger_follows_the_new_calendar() -> None:
    story = announce(opened(), FUNERAL)
    _, reply = ledgers_of(story.complaint)
    assert {str(line.on): line.skipped for line in reply.days}[FUNERAL] == "State funeral"
    assert (reply.calendar, reply.policy) == (story.state.calendar.version, "financial-ombudsman-service 1")
    assert [line.number for line in reply.days if line.number][-1] == 10


def test_a_met_deadline_keeps_the_ledger_of_its_old_calendar() -> None:
    story = opened().at("2026-03-03 10:00")
    story.does(Acknowledge)
    before = ledgers_of(story.complaint)[0]
    announce(story, "2026-03-04")
    assert ledgers_of(story.complaint)[0] == before
    assert story.deadline("reply").due_on == day("2026-03-17")


def test_the_reminder_comes_before_the_new_date_and_the_lapse_after_it() -> None:
    story = announce(opened().at("2026-03-10 10:00"), FUNERAL).at("2026-03-18 10:00")
    assert story.times("reminded", deadline=2) == ["2026-03-16 09:00"]
    assert story.times("lapsed", deadline=2) == ["2026-03-18 00:00"]


def test_a_holder_reminded_of_the_old_date_is_reminded_of_the_new_one() -> None:
    story = announce(opened().at("2026-03-13 12:00"), "2026-03-16").at("2026-03-17 00:00")
    assert story.times("reminded", deadline=2) == ["2026-03-13 09:00"]
    assert story.deadline("reply").due_on == day("2026-03-17")


def test_a_holiday_before_the_deadlines_day_moves_its_reminder_alone() -> None:
    story = opened()
    story.does(Extend, to="2026-03-24")
    announce(story, "2026-03-23").at("2026-03-25 10:00")
    assert story.deadline("reply").due_on == day("2026-03-24")
    assert story.times("reminded", deadline=2) == ["2026-03-20 09:00"]


def test_an_extended_date_on_the_new_holiday_moves_to_the_next_working_day() -> None:
    story = opened()
    story.does(Extend, to="2026-03-20")
    announce(story, "2026-03-20")
    reply = story.deadline("reply")
    assert (reply.first_on, reply.due_on) == (day("2026-03-16"), day("2026-03-23"))


def test_an_extended_date_stays_where_only_the_first_one_moves() -> None:
    story = opened()
    story.does(Extend, to="2026-03-20")
    announce(story, FUNERAL)
    reply = story.deadline("reply")
    assert (reply.first_on, reply.due_on) == (day("2026-03-17"), day("2026-03-20"))


def test_an_extension_never_ends_before_the_first_date() -> None:
    story = opened()
    story.does(Extend, to="2026-03-17")
    announce(story, FUNERAL, "2026-03-13")
    reply = story.deadline("reply")
    assert (reply.first_on, reply.due_on) == (day("2026-03-18"), day("2026-03-18"))


def test_a_holiday_that_is_struck_again_gives_back_the_dates_that_were() -> None:
    story = opened()
    story.does(Extend, to="2026-03-20")
    before = [(d.first_on, d.due_on) for d in story.state.deadlines]
    announce(story, FUNERAL, "2026-03-20")
    announce(story, strike=(FUNERAL, "2026-03-20"))
    assert [(d.first_on, d.due_on) for d in story.state.deadlines] == before


def test_recalendar_withdraws_a_lapse_before_the_new_date() -> None:
    story = opened().at("2026-03-17 09:30")
    assert story.state.is_overdue
    recipients = story.events("alerted", occasion="reply_lapsed")[0].detail["to"]
    announce(story, FUNERAL)
    assert story.times("lapse_withdrawn", deadline=2) == ["2026-03-17 09:30"]
    assert ("not_late_after_all", recipients) == story.alerts()[-1]
    assert story.deadline("reply").lapsed_at is None
    assert story.deadline("acknowledgement").is_overdue
    story.does(Acknowledge)
    assert not story.state.is_overdue
    story.at("2026-03-18 10:00")
    assert story.times("lapsed", deadline=2) == ["2026-03-17 00:00", "2026-03-18 00:00"]
    assert story.times("reminded", deadline=2) == ["2026-03-13 09:00"]


def test_a_deadline_late_by_both_calendars_is_late_by_the_new_date_without_a_new_alert() -> None:
    story = announce(opened().at("2026-03-19 10:00"), FUNERAL)
    reply = story.deadline("reply")
    assert (reply.lapsed_at, reply.has_passed) == (at("2026-03-18 00:00"), True)
    assert story.times("alerted", occasion="reply_lapsed") == ["2026-03-17 00:00"]
    assert story.alerts()[-1][0] != "not_late_after_all"


def test_chasers_and_the_automatic_escalation_count_from_the_new_date() -> None:
    story = announce(opened().at("2026-03-19 10:00"), FUNERAL).at("2026-04-10 10:00")
    assert story.times("escalated_on_lapse") == ["2026-03-25 00:00"]
    assert story.times("chased", deadline=2) == ["2026-03-24 09:00"]


def test_a_chaser_that_came_is_not_repeated() -> None:
    story = replied("2026-03-04 10:00").at("2026-03-05 10:00")
    story.does(Escalate)
    due = story.deadline("reply").due_on
    assert due == day("2026-03-19")
    story.at("2026-03-26 10:00")
    announce(story, "2026-03-24").at("2026-04-09 10:00")
    assert story.times("chased", deadline=4) == ["2026-03-26 09:00", "2026-04-07 09:00"]


def test_recalendar_does_not_undo_an_automatic_escalation() -> None:
    story = opened().at("2026-03-24 10:00")
    assert story.state.tier_id == "customer_complaints_team"
    announce(story, FUNERAL)
    assert story.state.tier_id == "customer_complaints_team"
    assert story.deadline("reply", "manager").due_on == day("2026-03-16")
    assert story.deadline("reply").due_on == day("2026-04-09")


def test_recalendar_withdraws_the_lapse_of_a_date_before_an_extension() -> None:
    story = opened().at("2026-03-17 10:00")
    story.does(Extend, to="2026-03-25")
    announce(story.at("2026-03-18 10:00"), FUNERAL)
    reply = story.deadline("reply")
    assert (reply.first_on, reply.due_on, reply.lapsed_at) == (day("2026-03-17"), day("2026-03-25"), None)
    assert story.alerts()[-1] == ("not_late_after_all", ["lead:manager", "staff:mark"])


def test_a_struck_holiday_lets_a_deadline_lapse_that_is_now_past() -> None:
    story = opened("2026-03-26 10:00").at("2026-04-13 10:00")
    assert story.deadline("reply").due_on == day("2026-04-13")
    announce(story, strike=("2026-04-06",))
    assert story.deadline("reply").due_on == day("2026-04-10")
    assert story.times("lapsed", deadline=2) == ["2026-04-13 10:00"]


def test_the_same_calendar_again_is_refused_and_changes_nothing() -> None:
    story = announce(opened(), FUNERAL)
    story.refuses(Code.ALREADY_DONE, Recalendar, by="op", calendar=story.state.calendar, reason="Again.")


def test_the_same_act_again_gets_the_same_answer() -> None:
    story = opened()
    act = story.act(Recalendar, by="op", calendar=with_holidays(story, FUNERAL), reason="It was announced.")
    first = story.complaint.apply(act, story.now, DIRECTORY_RESULT)
    sequence = story.state.sequence
    assert story.complaint.apply(act, story.now, DIRECTORY_RESULT) == first
    assert story.state.sequence == sequence


def test_a_calendar_that_begins_too_late_is_refused() -> None:
    story = opened()
    late = with_holidays(story, FUNERAL).model_copy(update={"first": date(2026, 3, 1)})
    story.refuses(Code.BEYOND_CALENDAR, Recalendar, by="op", calendar=late, reason="It was announced.")


def test_recalendar_keeps_later_years_of_the_calendar() -> None:
    story = opened()
    short = with_holidays(story, FUNERAL).model_copy(update={"last": date(2030, 12, 31)})
    story.does(Recalendar, by="op", calendar=short, reason="It was announced.")
    assert story.state.calendar.last == calendar_of(FOS).last
