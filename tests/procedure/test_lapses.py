"""Reminders, lapses, alerts, chasers and automatic escalations (R6)."""

from datetime import timedelta

from complaints.procedure.acts import Acknowledge, Escalate, Extend, Reassign, Reply, Withdraw
from tests.procedure.builders import ACTION, FOS, MONDAY, Story, at, day, opened, replied


def acknowledged() -> Story:
    story = opened()
    story.does(Acknowledge)
    return story


def test_a_reminder_comes_at_nine_on_the_last_working_day_before() -> None:
    story = opened().at("2026-03-16 23:59")
    assert story.times("reminded") == ["2026-03-03 09:00", "2026-03-13 09:00"]


def test_a_reminder_goes_to_the_holder_or_to_the_lead_where_nobody_holds_it() -> None:
    story = opened().at("2026-03-04 10:00")
    story.does(Acknowledge)
    story.at("2026-03-14 10:00")
    assert [event.detail["to"] for event in story.events("reminded")] == [["lead:manager"], ["staff:mark"]]


def test_a_reminder_skips_weekends_and_holidays() -> None:
    story = opened("2026-03-24 10:00").at("2026-04-08 23:00")
    assert story.deadline("reply").due_on == day("2026-04-09")
    assert story.at("2026-04-09 10:00").times("reminded") == ["2026-03-25 09:00", "2026-04-08 09:00"]


def test_a_reminder_that_would_be_in_the_past_is_skipped() -> None:
    story = opened("2026-03-03 09:01", received_at=MONDAY).at("2026-03-04 12:00")
    assert story.times("reminded") == []


def test_a_reminder_due_at_this_instant_comes() -> None:
    story = opened("2026-03-03 09:00", received_at=MONDAY)
    assert story.times("reminded") == ["2026-03-03 09:00"]


def test_a_moved_deadline_gets_a_reminder_of_its_own() -> None:
    story = acknowledged().at("2026-03-13 10:00")
    story.does(Extend, to="2026-03-20")
    story.at("2026-03-20 10:00")
    assert story.times("reminded") == ["2026-03-13 09:00", "2026-03-19 09:00"]


def test_a_met_deadline_gets_no_reminder() -> None:
    story = replied("2026-03-02 12:00").at("2026-03-20 10:00")
    assert story.times("reminded") == []


def test_a_lapsed_acknowledgement_alerts_the_holder_and_the_tiers_lead() -> None:
    story = opened()
    story.does(Reassign, "lee", to="mark")
    story.at("2026-03-05 00:00")
    assert story.alerts() == [("acknowledgement_lapsed", ["staff:mark", "lead:manager"])]


def test_a_lapsed_reply_alerts_the_holder_and_the_tiers_lead() -> None:
    story = acknowledged().at("2026-03-17 00:00")
    assert story.times("lapsed") == ["2026-03-17 00:00"]
    assert story.alerts() == [("reply_lapsed", ["staff:mark", "lead:manager"])]


def test_a_chaser_comes_every_fifth_working_day_until_the_reply_is_met() -> None:
    story = with_team("2026-03-05 10:00")
    story.does(Acknowledge)
    story.at("2026-04-15 10:00").does(Reply)
    story.at("2026-05-30 10:00")
    assert story.times("chased") == ["2026-03-26 09:00", "2026-04-02 09:00", "2026-04-13 09:00"]
    assert story.events("chased")[0].detail["to"] == ["staff:tess", "lead:customer_complaints_team"]


def with_team(when: str) -> Story:
    """At the Customer Complaints team, whose lapse only alerts: reply by the tenth working day."""
    story = replied("2026-03-02 12:00").at(when)
    story.does(Escalate)
    return story


def test_a_manager_who_never_answers_loses_the_complaint_after_five_working_days() -> None:
    story = acknowledged().at("2026-03-24 00:00")
    assert story.times("chased") == ["2026-03-23 09:00"]
    assert story.times("escalated_on_lapse") == ["2026-03-24 00:00"]
    assert story.state.tier_id == "customer_complaints_team"
    assert story.deadline("acknowledgement").due_on == day("2026-03-26")
    assert story.alerts()[-1] == ("passed_on", ["staff:mark", "lead:manager"])
    team = ["lead:customer_complaints_team", "role:customer_complaints_team"]
    assert story.alerts_to_act()[-1] == ("nobody_to_hold", team)


def test_a_letter_opened_late_is_still_seen_by_a_manager() -> None:
    story = opened("2026-05-12 10:00", received_at=MONDAY)
    assert story.state.tier_id == "manager"
    story.at("2026-05-20 10:00")
    assert story.times("escalated_on_lapse") == ["2026-05-20 00:00"]


def test_a_letter_opened_late_has_missed_its_earlier_chasers() -> None:
    story = opened("2026-03-25 10:00", received_at=MONDAY).at("2026-03-31 10:00")
    assert story.times("chased") == ["2026-03-30 09:00"]


def test_the_teams_lapse_only_alerts() -> None:
    story = with_team("2026-03-05 10:00").at("2026-09-01 10:00")
    assert story.times("escalated_on_lapse") == []
    assert story.state.tier_id == "customer_complaints_team"


def test_a_reply_stops_the_chasers_and_the_escalation() -> None:
    story = acknowledged().at("2026-03-20 10:00")
    story.does(Reply)
    story.at("2026-04-03 10:00")
    assert story.times("chased") == story.times("escalated_on_lapse") == []


def test_on_leaving_a_tier_its_unmet_deadlines_end_and_its_chasers_stop() -> None:
    story = opened().at("2026-03-18 10:00")
    story.does(Escalate)
    assert story.times("deadline_ended") == ["2026-03-18 10:00"] * 2
    assert not story.state.is_overdue
    story.at("2026-03-31 10:00")
    assert story.times("chased") == []


def test_notices_stop_when_the_complaint_closes() -> None:
    story = opened().at("2026-03-18 10:00")
    story.does(Withdraw)
    story.at("2026-06-01 10:00")
    assert story.times("chased") == []
    assert story.next_due is None


def test_the_assessors_target_only_alerts() -> None:
    story = with_team("2026-03-02 13:00")
    story.does(Reply)
    story.does(Escalate)
    assert story.deadline("opinion").due_on == day("2026-04-15")
    story.at("2026-07-01 10:00")
    assert story.alerts() == [("opinion_lapsed", ["lead:independent_assessor"])]
    assert story.times("chased") == []


def test_scheduled_events_precede_an_act_at_the_same_instant() -> None:
    story = opened().at("2026-03-05 00:00")
    story.does(Acknowledge)
    assert story.kinds().index("lapsed") < story.kinds().index("acknowledge")
    assert story.deadline("acknowledgement").lapsed_at


def test_a_lapse_precedes_the_end_of_a_window_at_the_same_instant() -> None:
    story = opened().at("2026-03-04 10:00")
    story.does(Reply, remedies=[ACTION], carry_out_by="2026-04-04")
    story.complaint.elapse(at("2026-04-05 00:00"))
    kinds = [event.kind for event in story.state.events if event.at == at("2026-04-05 00:00")]
    assert kinds == ["lapsed", "alerted", "window_ended", "closed"]


def test_scheduled_events_keep_their_own_instants_after_a_late_wake() -> None:
    asleep, awake = opened(), opened()
    end = at("2026-05-01 10:00")
    while awake.now < end:
        awake.now += timedelta(hours=6, minutes=13)
        awake.complaint.elapse(min(awake.now, end))
    asleep.complaint.elapse(end)
    assert asleep.state == awake.state
    assert asleep.times("escalated_on_lapse") == ["2026-03-24 00:00"]


def test_the_next_scheduled_event_is_known() -> None:
    story = opened()
    assert story.next_due == "2026-03-03 09:00"
    story.does(Acknowledge)
    assert story.next_due == "2026-03-13 09:00"
    assert story.at("2026-03-14 10:00").next_due == "2026-03-17 00:00"


def test_a_scheduled_event_has_a_summary_for_operators() -> None:
    following = opened().at("2026-03-04 10:00").complaint.next_due()
    assert following
    assert following.summary == "Manager: acknowledgement due by the end of Wed 4 Mar 2026"


def test_overdue_ends_with_an_extension_but_not_with_a_late_acknowledgement_of_something_else() -> None:
    story = opened().at("2026-03-18 10:00")
    story.does(Acknowledge)
    assert story.state.is_overdue
    story.does(Extend, to="2026-03-20")
    assert not story.state.is_overdue


def test_a_lapsed_undertaking_makes_the_complaint_overdue() -> None:
    story = opened()
    story.does(Reply, remedies=[ACTION], carry_out_by="2026-03-10")
    assert not story.at("2026-03-10 23:59").state.is_overdue
    assert story.at("2026-03-11 00:00").state.is_overdue


def test_a_late_reply_is_announced_to_the_complainant_with_what_they_may_do_now() -> None:
    story = opened().at("2026-03-17 10:00")
    letter = story.events("letter")[-1]
    assert (letter.detail["occasion"], letter.at) == ("reply_late", at("2026-03-17 09:00"))
    assert letter.detail["passes_on_after"] == "2026-03-23"
    story.does(Escalate)


def test_each_date_that_passes_without_a_reply_is_announced() -> None:
    story = opened().at("2026-03-17 10:00")
    story.does(Extend, to="2026-03-20")
    story.at("2026-03-23 10:00")
    assert [e.detail["was_due"] for e in story.events("letter", occasion="reply_late")] == ["2026-03-16", "2026-03-20"]


def test_a_policy_may_leave_out_the_letter_about_a_late_reply() -> None:
    manager, *others = FOS.tiers
    assert manager.reply
    silent = manager.model_copy(update={"reply": manager.reply.model_copy(update={"letter_at_lapse": False})})
    story = opened(policy=FOS.model_copy(update={"tiers": (silent, *others)})).at("2026-03-17 10:00")
    assert story.letters() == []
