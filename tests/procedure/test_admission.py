"""Complaints that are accepted, signposted or out of time (R9)."""

from typing import Any

import pytest

from complaints.procedure.acts import AcceptLate, Acknowledge, AskManager, Classify, Extend, Reply, Withdraw
from complaints.procedure.enums import Code
from tests.procedure.builders import HANDLER, HOUSING, LEAD, MONDAY, day, opened, replied


def answered(on: str, **given: Any) -> dict[str, Any]:
    return {"case": {"open": False, "answered_on": on}, **given}


@pytest.mark.parametrize("aspect", ["delay", "not_kept_updated", "inappropriate_communication", "other_service"])
def test_complaints_about_service_are_taken(aspect: str) -> None:
    assert opened(aspects=[aspect]).state.tier_id == "manager"


@pytest.mark.parametrize("aspect", ["outcome", "data_protection"])
def test_other_concerns_are_signposted_closed_and_read_by_the_first_tiers_lead(aspect: str) -> None:
    story = opened(aspects=[aspect])
    assert story.closed == "signposted"
    assert story.events("signposted")[0].detail == {"aspect": aspect}
    assert story.letters() == ["signpost"]
    assert story.alerts() == [("signposted_for_reading", ["lead:manager"])]
    assert story.next_due is None


def test_a_mixed_complaint_goes_on_with_its_service_part_and_the_rest_is_signposted() -> None:
    story = opened(aspects=["outcome", "delay", "data_protection", "outcome"])
    assert story.state.tier_id == "manager"
    assert [event.detail["aspect"] for event in story.events("signposted")] == ["outcome", "data_protection"]
    assert story.letters() == ["signpost", "signpost"]
    assert len(story.state.aspects) == 4


def test_classify_moves_a_concern_with_a_reason_and_signposts_it() -> None:
    story = opened(aspects=["delay", "other_service"])
    story.does(Classify, concern=2, aspect="outcome")
    assert story.state.aspects == ["delay", "outcome"]
    assert story.letters() == ["signpost"]
    assert story.events("classify")[0].free_text == {"reason": "It is about something else."}
    assert story.closed is None


def test_classifying_between_two_aspects_of_service_changes_nothing_else() -> None:
    story = opened()
    story.does(Classify, concern=1, aspect="not_kept_updated")
    assert story.letters() == []


def test_the_last_service_concern_moved_out_closes_the_complaint() -> None:
    story = opened().at("2026-03-03 10:00")
    story.does(Classify, concern=1, aspect="outcome")
    assert story.closed == "signposted"
    assert story.next_due is None
    assert story.alerts()[-1][0] == "signposted_for_reading"


def test_a_service_concern_moved_in_takes_a_signposted_complaint_up_again_with_the_clocks_of_receipt() -> None:
    story = opened(aspects=["outcome"]).at("2026-03-05 10:00")
    story.does(Classify, LEAD, concern=1, aspect="delay")
    story.assign("mona")
    assert story.times("reopened") == ["2026-03-05 10:00"]
    assert story.state.tier_id == "manager"
    assert story.deadline("reply").due_on == day("2026-03-16")
    assert story.times("lapsed") == ["2026-03-05 10:00"]
    assert story.letters() == ["signpost", "taken_up_again"]


def test_a_complaint_taken_up_again_needs_no_second_acknowledgement() -> None:
    story = opened()
    story.does(Acknowledge)
    story.does(Classify, concern=1, aspect="outcome")
    story.at("2026-03-09 10:00").does(Classify, concern=1, aspect="delay")
    assert story.state.status == "awaiting_reply"
    assert story.times("lapsed") == []
    assert story.state.holder == "mark"


def test_a_concern_moved_to_another_signposted_aspect_leaves_the_complaint_closed() -> None:
    story = opened(aspects=["outcome"])
    story.does(Classify, LEAD, concern=1, aspect="data_protection")
    assert story.closed == "signposted"
    assert story.letters() == ["signpost", "signpost"]


def test_a_complaint_taken_up_again_by_classify_must_be_in_time() -> None:
    story = opened(aspects=["outcome"], **answered("2025-10-01", told_case_handler_on="2026-02-25"))
    story.does(Classify, LEAD, concern=1, aspect="delay")
    assert story.closed == "out_of_time"
    assert story.letters() == ["signpost", "out_of_time"]


def test_classify_is_refused_after_the_reply() -> None:
    refusal = replied().refuses(Code.NOT_NOW, Classify, concern=1, aspect="outcome")
    assert refusal.sentence == "Manager has replied: its concerns no longer change."


def test_classify_names_a_concern_and_a_change() -> None:
    story = opened(aspects=["delay", "outcome"])
    story.refuses(Code.NO_SUCH_NUMBER, Classify, concern=3, aspect="outcome")
    story.refuses(Code.ALREADY_DONE, Classify, concern=2, aspect="outcome")


def test_a_closed_complaint_is_not_classified_unless_it_was_signposted() -> None:
    story = opened()
    story.does(Withdraw)
    story.refuses(Code.CLOSED, Classify, concern=1, aspect="outcome")
    opened(**answered("2025-10-01")).refuses(Code.CLOSED, Classify, LEAD, concern=1, aspect="outcome")


def test_while_the_case_is_open_a_complaint_is_in_time() -> None:
    story = opened(case={"open": True, "answered_on": "2024-01-10"})
    assert story.events("admitted")[0].detail["in_time"] is True


def test_a_case_closed_without_an_answer_is_in_time() -> None:
    assert opened(case={"open": False, "answered_on": None}).closed is None


def test_a_complaint_within_three_months_of_the_answer_is_in_time() -> None:
    story = opened(**answered("2025-12-02", told_case_handler_on="2026-03-02"))
    assert story.closed is None


def test_a_day_after_three_months_a_complaint_is_out_of_time_and_refused_with_the_date() -> None:
    story = opened(**answered("2025-12-01", told_case_handler_on="2026-03-02"))
    assert story.closed == "out_of_time"
    assert story.events("admitted")[0].detail == {"in_time": False, "last_day": "2026-03-01"}
    assert story.letters() == ["out_of_time"]


def test_time_is_judged_on_the_day_on_which_the_case_handler_heard_of_the_concern() -> None:
    story = opened(**answered("2025-11-28", told_case_handler_on="2026-02-28"))
    assert story.closed is None


def test_time_is_judged_on_the_day_of_receipt_if_the_case_handler_has_not_heard_of_it() -> None:
    story = opened("2026-03-09 10:00", received_at=MONDAY, **answered("2025-12-02", told_case_handler_on=None))
    assert story.state.tier_id == "case_handler"
    assert opened(**answered("2025-12-01", told_case_handler_on=None)).closed == "out_of_time"


def test_the_first_tiers_lead_may_take_a_complaint_that_is_out_of_time_with_a_reason() -> None:
    story = opened(**answered("2025-10-01")).at("2026-03-09 10:00")
    story.does(AcceptLate, LEAD)
    assert story.state.tier_id == "manager"
    assert story.deadline("acknowledgement").due_on == day("2026-03-11")
    assert story.times("lapsed") == []
    assert story.letters() == ["out_of_time", "taken_up_again"]


def test_a_signpost_says_that_the_other_concerns_are_out_of_time() -> None:
    story = opened(aspects=["delay", "outcome"], **answered("2025-10-01"))
    assert story.letters() == ["signpost", "out_of_time"]
    assert story.events("letter")[0].detail["rest"] == "out_of_time"


def test_the_case_handlers_days_count_from_a_late_acceptance() -> None:
    story = opened(**answered("2025-10-01", told_case_handler_on=None)).at("2026-05-11 10:00")
    story.does(AcceptLate, LEAD)
    story.assign(HANDLER)
    assert story.state.tier_id == "case_handler"
    assert story.next_due == "2026-05-27 00:00"
    assert story.letters() == ["out_of_time", "passed_to_case_handler"]
    story.does(AskManager)


def test_a_policy_without_a_time_limit_always_takes_complaints() -> None:
    assert opened(policy=HOUSING, **answered("2024-10-01")).state.tier_id == "stage_1"


def test_free_text_is_kept_apart_from_codes() -> None:
    story = opened(put_right="Call me.", communication=[{"on": "2026-02-01", "channel": "letter", "summary": "Late."}])
    event = story.events("opened")[0]
    assert event.free_text == {
        "concern 1": "Nobody called back.",
        "communication 1": "2026-02-01, letter: Late.",
        "put right": "Call me.",
    }
    assert "Nobody" not in event.what + str(event.detail)


def test_a_concern_is_classified_at_the_case_handler_too() -> None:
    story = opened(told_case_handler_on=None, aspects=["delay", "outcome"])
    story.does(Classify, HANDLER, concern=1, aspect="outcome")
    assert story.closed == "signposted"
    story.does(Classify, LEAD, concern=1, aspect="delay")
    assert story.state.status == "with_case_handler"
    story.refuses(Code.NO_SUCH_DEADLINE, Extend, HANDLER, to="2026-04-01")
    story.does(AskManager)
    story.does(Reply)
