"""If they need more time, they'll let you know and explain why (R5)."""

import pytest
from pydantic import ValidationError

from complaints.procedure.acts import Acknowledge, Escalate, Extend, Reply
from complaints.procedure.enums import Code
from complaints.procedure.policy import Policy
from tests.procedure.builders import FOS, HOUSING, Story, at, day, opened, replied


def acknowledged() -> Story:
    story = opened().at("2026-03-04 10:00")
    story.does(Acknowledge)
    return story


def with_cap(**caps: int) -> Policy:
    manager, *others = FOS.tiers
    assert manager.reply
    reply = manager.reply.model_dump() | {"extensions": caps}
    tiers = [manager.model_dump() | {"reply": reply}, *(tier.model_dump() for tier in others)]
    return Policy.model_validate(FOS.model_dump() | {"tiers": tiers})


def test_an_extension_sends_a_letter_at_once() -> None:
    story = acknowledged()
    story.does(Extend, to="2026-03-20")
    assert story.letters() == ["acknowledgement", "more_time"]
    assert story.deadline("reply").due_on == day("2026-03-20")


def test_the_first_deadline_is_kept() -> None:
    story = acknowledged()
    story.does(Extend, to="2026-03-20")
    assert story.deadline("reply").first_on == day("2026-03-16")
    story.at("2026-03-18 10:00").does(Reply)
    met = story.events("deadline_met", deadline=2)[0].detail
    assert (met["in_time"], met["in_time_at_first"]) == (True, False)


def test_an_extension_needs_an_explanation() -> None:
    for explanation in ("", "  ", None):
        with pytest.raises(ValidationError):
            opened().act(Extend, to="2026-03-20", explanation=explanation)


def test_an_extension_to_a_sunday_is_refused() -> None:
    refusal = acknowledged().refuses(Code.NOT_A_WORKING_DAY, Extend, to="2026-03-22")
    assert refusal.sentence == "to (Sun 22 Mar 2026): it is not a working day (weekend)."


def test_an_extension_to_a_holiday_is_refused() -> None:
    refusal = acknowledged().refuses(Code.NOT_A_WORKING_DAY, Extend, to="2026-04-03")
    assert refusal.sentence == "to (Fri 3 Apr 2026): it is not a working day (Good Friday)."


@pytest.mark.parametrize("to", ["2026-03-16", "2026-03-13"])
def test_an_extension_to_the_same_or_an_earlier_day_is_refused(to: str) -> None:
    acknowledged().refuses(Code.NOT_LATER, Extend, to=to)


def test_an_extension_to_a_past_day_is_refused() -> None:
    acknowledged().at("2026-03-19 10:00").refuses(Code.IN_PAST, Extend, to="2026-03-18")


def test_an_extension_to_today_is_accepted() -> None:
    story = acknowledged().at("2026-03-19 10:00")
    story.does(Extend, to="2026-03-19")
    assert not story.state.is_overdue


def test_every_reason_against_a_date_is_given_at_once() -> None:
    refusal = acknowledged().refuses(Code.NOT_A_WORKING_DAY, Extend, to="2026-03-01")
    assert refusal.sentence == (
        "to (Sun 1 Mar 2026): it is not a working day (weekend); it does not lie after the current deadline's day "
        "(Mon 16 Mar 2026); it has passed (today is Wed 4 Mar 2026)."
    )


def test_an_extension_beyond_the_calendar_is_refused() -> None:
    acknowledged().refuses(Code.BEYOND_CALENDAR, Extend, to="2040-01-02")


def test_only_a_running_reply_deadline_is_extended() -> None:
    replied("2026-03-04 10:00").refuses(Code.NO_SUCH_DEADLINE, Extend, to="2026-03-20")
    opened(told_case_handler_on=None).refuses(Code.NO_SUCH_DEADLINE, Extend, to="2026-03-20")


def test_each_date_that_passes_is_a_lapse_of_its_own() -> None:
    story = acknowledged()
    story.does(Extend, to="2026-03-18")
    story.at("2026-03-19 10:00").does(Extend, to="2026-03-20")
    story.at("2026-03-23 10:00")
    assert story.times("lapsed") == ["2026-03-19 00:00", "2026-03-21 00:00"]


def test_an_extension_does_not_undo_a_lapse_but_ends_being_overdue() -> None:
    story = acknowledged().at("2026-03-18 10:00")
    story.does(Extend, to="2026-03-20")
    assert story.deadline("reply").lapsed_at == at("2026-03-17 00:00")
    assert not story.state.is_overdue
    story.does(Escalate)


def test_an_extension_cancels_a_pending_automatic_escalation() -> None:
    story = acknowledged().at("2026-03-23 10:00")
    story.does(Extend, to="2026-04-02")
    story.at("2026-04-02 23:59")
    assert story.times("escalated_on_lapse") == []


def test_a_lapse_of_the_extended_date_gets_an_automatic_escalation_of_its_own() -> None:
    story = acknowledged().at("2026-03-23 10:00")
    story.does(Extend, to="2026-03-24")
    story.at("2026-04-02 10:00")
    assert story.times("escalated_on_lapse") == ["2026-04-01 00:00"]


def test_a_reply_sent_before_the_first_date_withdraws_every_lapse() -> None:
    story = acknowledged().at("2026-03-17 10:00")
    story.does(Extend, to="2026-03-18")
    story.at("2026-03-19 10:00").does(Reply, sent_at="2026-03-16 12:00")
    assert len(story.events("lapse_withdrawn")) == 2
    assert story.deadline("reply").lapsed_at is None


def test_a_reply_sent_between_the_dates_withdraws_only_the_later_lapse() -> None:
    story = acknowledged().at("2026-03-17 10:00")
    story.does(Extend, to="2026-03-18")
    story.at("2026-03-19 10:00").does(Reply, sent_at="2026-03-18 12:00")
    assert story.deadline("reply").lapsed_at == at("2026-03-17 00:00")


def test_the_policy_may_limit_the_number_of_extensions() -> None:
    story = opened(policy=with_cap(most=1))
    story.does(Extend, to="2026-03-20")
    refusal = story.refuses(Code.TOO_MANY_EXTENSIONS, Extend, to="2026-03-24")
    assert refusal.sentence == "to (Tue 24 Mar 2026): the policy allows no more than 1."


def test_the_policy_may_limit_the_length_of_extensions_from_the_first_deadline() -> None:
    story = opened(policy=with_cap(working_days=5))
    story.does(Extend, to="2026-03-20")
    refusal = story.refuses(Code.TOO_LONG, Extend, to="2026-03-24")
    assert refusal.sentence == "to (Tue 24 Mar 2026): the policy allows no date after Mon 23 Mar 2026."
    story.does(Extend, to="2026-03-23")


def test_the_housing_code_allows_ten_working_days_and_then_twenty() -> None:
    story = opened(policy=HOUSING)
    story.does(Acknowledge)
    assert story.deadline("reply").due_on == day("2026-03-16")
    story.refuses(Code.TOO_LONG, Extend, to="2026-03-31")
    story.does(Extend, to="2026-03-30")
    story.at("2026-03-30 10:00").does(Reply)
    story.at("2026-03-31 10:00").does(Escalate)
    story.does(Acknowledge)
    assert story.deadline("reply").due_on == day("2026-04-30")
    story.refuses(Code.TOO_LONG, Extend, to="2026-06-02")
    story.does(Extend, to="2026-06-01")
