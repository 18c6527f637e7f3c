"""Undertakings have a date and are chased until they are carried out (R8)."""

from typing import Any

from complaints.procedure.acts import CarryOut, NotCarriedOut, ReassignUndertaking, Reply, Withdraw
from complaints.procedure.enums import Code
from tests.procedure.builders import ACTION, COMPENSATION, INTAKE, LEAD, Story, at, day, opened


def promised(*remedies: object, **given: Any) -> Story:
    story = opened().at("2026-03-04 10:00")
    story.does(Reply, remedies=list(remedies) or [COMPENSATION], **given)
    return story


def test_an_undertaking_without_a_date_is_due_in_twenty_working_days() -> None:
    assert promised().state.undertakings[0].by == day("2026-04-01")


def test_an_undertakings_days_count_from_the_letter() -> None:
    assert promised(sent_at="2026-03-03 10:00").state.undertakings[0].by == day("2026-03-31")


def test_a_lapsed_undertaking_alerts_its_owner_and_the_lead() -> None:
    story = promised().at("2026-04-02 00:00")
    assert story.times("lapsed", undertaking=1) == ["2026-04-02 00:00"]
    assert story.alerts() == [("undertaking_overdue", ["staff:mark", "lead:manager"])]


def test_a_lapsed_undertaking_is_chased_every_five_working_days_also_after_closing() -> None:
    story = promised().at("2026-05-12 10:00")
    assert story.closed == "not_taken_further"
    assert story.times("chased") == [
        "2026-04-10 09:00",
        "2026-04-17 09:00",
        "2026-04-24 09:00",
        "2026-05-01 09:00",
        "2026-05-11 09:00",
    ]


def test_chasers_of_an_undertaking_stop_when_it_is_carried_out() -> None:
    story = promised().at("2026-04-10 10:00")
    story.does(CarryOut, undertaking=1)
    story.at("2026-06-01 10:00")
    assert story.times("chased") == ["2026-04-10 09:00"]
    assert not story.state.is_overdue


def test_an_undertaking_carried_out_in_time_is_not_chased() -> None:
    story = promised().at("2026-04-01 23:59")
    story.does(CarryOut, undertaking=1)
    story.at("2026-06-01 10:00")
    assert story.times("lapsed", undertaking=1) == []
    assert story.events("carry_out")[0].detail["in_time"] is True


def test_an_undertaking_carried_out_in_time_and_signalled_late_withdraws_its_lapse() -> None:
    story = promised().at("2026-04-02 08:00")
    story.sends(CarryOut, undertaking=1, made_at="2026-04-01 20:00")
    assert story.state.undertakings[0].lapsed_at is None
    assert story.alerts()[-1] == ("lapse_withdrawn", ["staff:mark", "lead:manager"])


def test_an_undertaking_is_carried_out_once() -> None:
    story = promised()
    story.does(CarryOut, undertaking=1)
    refusal = story.refuses(Code.ALREADY_DONE, CarryOut, undertaking=1)
    assert refusal.sentence == "Undertaking 1 was carried out on Wed 4 Mar 2026."


def test_an_undertaking_with_an_unknown_number_is_refused() -> None:
    refusal = promised().refuses(Code.NO_SUCH_NUMBER, CarryOut, undertaking=2)
    assert refusal.sentence == "undertaking: there is no undertaking 2; give 1."


def test_an_undertaking_is_carried_out_on_a_closed_complaint_without_reopening_it() -> None:
    story = promised(ACTION).at("2026-03-05 10:00")
    story.does(Withdraw)
    story.does(CarryOut, undertaking=1)
    assert story.closed == "withdrawn"
    assert story.state.undertakings[0].carried_out_at == at("2026-03-05 10:00")


def test_carrying_out_does_not_count_as_acting() -> None:
    story = promised()
    story.does(CarryOut, "lou", undertaking=1)
    assert "lou" not in story.state.tier_period.involved


def test_a_date_keyed_after_the_letter_went_may_be_past_and_lapses_at_once() -> None:
    story = opened().at("2026-03-20 10:00")
    by: dict[str, Any] = {"remedies": [COMPENSATION], "carry_out_by": "2026-03-13"}
    story.refuses(Code.IN_PAST, Reply, **by)
    story.refuses(Code.IN_PAST, Reply, **by, sent_at="2026-03-16 10:00")
    story.does(Reply, **by, sent_at="2026-03-12 10:00")
    assert story.times("lapsed", undertaking=1) == ["2026-03-20 10:00"]


def test_a_date_that_is_no_working_day_is_pointed_out() -> None:
    answer = opened().at("2026-03-04 10:00").does(Reply, remedies=[COMPENSATION], carry_out_by="2026-04-03")
    assert answer.sentence.endswith("; Fri 3 Apr 2026 is no working day (Good Friday)")
    assert "working day" not in opened().does(Reply, remedies=[COMPENSATION], carry_out_by="2026-04-02").sentence


def test_an_undertaking_carried_out_by_mistake_is_awaited_again() -> None:
    story = promised().at("2026-03-10 10:00")
    story.refuses(Code.NOT_NOW, NotCarriedOut, LEAD, undertaking=1, reason="A slip.")
    story.does(CarryOut, undertaking=1)
    story.does(NotCarriedOut, LEAD, undertaking=1, reason="A slip.")
    story.at("2026-04-02 10:00")
    assert story.times("lapsed", undertaking=1) == ["2026-04-02 00:00"]


def test_only_a_lead_of_the_tier_takes_back_that_an_undertaking_was_carried_out() -> None:
    story = promised().at("2026-03-10 10:00")
    story.does(CarryOut, undertaking=1)
    for staff in ("mona", "tess", INTAKE):
        story.refuses(Code.WRONG_ROLE, NotCarriedOut, staff, undertaking=1, reason="A slip.")
    story.refuses(Code.UNKNOWN_STAFF, NotCarriedOut, "stranger", undertaking=1, reason="A slip.")


def test_an_undertaking_taken_back_after_its_date_lapses_at_once_and_is_chased() -> None:
    story = promised().at("2026-04-01 10:00")
    story.does(CarryOut, undertaking=1)
    story.at("2026-04-07 10:00").does(NotCarriedOut, LEAD, undertaking=1, reason="A slip.")
    story.at("2026-04-11 10:00")
    assert (story.times("lapsed", undertaking=1), story.times("chased")) == (["2026-04-07 10:00"], ["2026-04-10 09:00"])


def test_an_undertaking_given_to_somebody_else_is_theirs_and_they_are_alerted_once() -> None:
    story = promised().at("2026-03-10 10:00")
    story.does(ReassignUndertaking, LEAD, undertaking=1, to="mona")
    event = story.events("reassign_undertaking")[0]
    assert (event.detail, event.free_text) == ({"undertaking": 1, "to": "mona"}, {"reason": "She has left."})
    assert story.alerts() == [("undertaking_given", ["staff:mona"])]
    story.at("2026-04-10 10:00")
    assert story.alerts()[1:] == [("undertaking_overdue", ["staff:mona", "lead:manager"])]
    assert story.events("chased")[-1].detail["to"] == ["staff:mona", "lead:manager"]
    assert story.state.holder == "mark"


def test_an_undertaking_is_given_away_by_its_owner_or_a_lead_who_answers_for_it() -> None:
    story = promised()
    story.does(ReassignUndertaking, undertaking=1, to="mona")
    story.refuses(Code.WRONG_ROLE, ReassignUndertaking, "tess", undertaking=1, to="mary")
    story.does(ReassignUndertaking, "mona", undertaking=1, to="mary")
    story.does(CarryOut, "mary", undertaking=1)


def test_a_lead_who_takes_an_undertaking_is_not_alerted() -> None:
    story = promised()
    story.does(ReassignUndertaking, LEAD, undertaking=1, to=LEAD)
    assert story.alerts() == []


def test_the_new_owner_is_known_and_works_at_a_tier_that_answers_for_it() -> None:
    story = promised()
    story.refuses(Code.UNKNOWN_STAFF, ReassignUndertaking, LEAD, undertaking=1, to="stranger")
    refusal = story.refuses(Code.WRONG_ROLE, ReassignUndertaking, LEAD, undertaking=1, to="tom")
    assert refusal.sentence == "tom does not have the role Manager, which answers for undertaking 1."
    story.refuses(Code.ALREADY_DONE, ReassignUndertaking, LEAD, undertaking=1, to="mark")
    story.refuses(Code.NO_SUCH_NUMBER, ReassignUndertaking, LEAD, undertaking=2, to="mona")


def test_an_undertaking_that_was_carried_out_keeps_its_owner() -> None:
    story = promised()
    story.does(CarryOut, undertaking=1)
    story.refuses(Code.ALREADY_DONE, ReassignUndertaking, LEAD, undertaking=1, to="mona")


def test_an_undertaking_of_a_closed_complaint_is_given_away_without_reopening_it() -> None:
    story = promised(ACTION).at("2026-03-05 10:00")
    story.does(Withdraw)
    story.does(ReassignUndertaking, LEAD, undertaking=1, to="mona")
    assert (story.closed, story.state.undertakings[0].owner) == ("withdrawn", "mona")
