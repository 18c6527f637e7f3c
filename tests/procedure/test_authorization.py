"""Who may act, what is refused, and the same act twice (R11)."""

import pytest
from pydantic import ValidationError

from complaints.procedure.acts import (
    ACTS,
    AcceptLate,
    AcceptReview,
    Acknowledge,
    Classify,
    Escalate,
    Extend,
    Reassign,
    Reply,
    Settle,
)
from complaints.procedure.directory_lookup import NOT_CHECKED, StaffAuthority
from complaints.procedure.enums import Code, EventKind
from complaints.procedure.permissions import Permission
from complaints.procedure.steps.authorization import PERMISSION_CHECKS
from complaints.procedure.steps.rule_table import RULES
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.procedure.builders import HANDLER, LEAD, closed_untaken, opened, replied


def test_every_act_has_a_name_of_its_own_a_description_and_a_rule() -> None:
    assert len({act.name for act in ACTS}) == len(ACTS)
    assert all(act.description.endswith(".") for act in ACTS)
    assert set(RULES) == set(ACTS)
    assert set(PERMISSION_CHECKS) == set(Permission)
    assert not {act.name for act in ACTS} & set(EventKind)


def test_the_holder_is_empty_until_somebody_acts_first_and_then_holds_it() -> None:
    story = opened()
    assert story.state.holder is None
    story.does(Acknowledge, "mark")
    assert story.state.holder == "mark"
    story.does(Extend, "mona", to="2026-03-20")
    assert story.state.holder == "mark"


def test_the_holder_is_empty_until_somebody_is_given_the_complaint() -> None:
    story = opened()
    story.does(Reassign, LEAD, to="mark")
    assert story.state.holder == "mark"
    assert story.events("reassign")[0].free_text == {"reason": "On leave."}
    assert story.events("given_to")[0].detail == {"to": "mark"}
    story.refuses(Code.ALREADY_DONE, Reassign, LEAD, to="mark")


def test_the_case_handler_acts_at_no_tier() -> None:
    story = opened()
    refusal = story.refuses(Code.WAS_CASE_HANDLER, Acknowledge, HANDLER)
    assert refusal.sentence == "hanna was the case handler and cannot act as Manager."
    assert refusal.is_recorded
    story.refuses(Code.WAS_CASE_HANDLER, Reassign, LEAD, to=HANDLER)


def test_a_refused_permission_is_recorded_and_the_lead_is_alerted() -> None:
    story = opened()
    story.sends(Acknowledge, HANDLER)
    [refused] = story.events("refused")
    assert (refused.by, refused.detail) == (HANDLER, {"act": "acknowledge", "code": "was_case_handler"})
    assert refused.what == "acknowledge by hanna refused: was case handler"
    sentence = "hanna was the case handler and cannot act as Manager."
    assert refused.free_text == {"id": "act 1", "sentence": sentence}
    assert story.alerts() == [("who_may_act", ["lead:manager"])]


def test_nobody_acts_at_a_tier_who_acted_at_an_earlier_one() -> None:
    story = replied()
    story.does(Escalate)
    refusal = story.refuses(Code.ACTED_EARLIER, Reply, "mark", tier="customer_complaints_team")
    assert refusal.sentence == ("mark dealt with the complaint as Manager and cannot act as Customer Complaints team.")


def test_nobody_acts_at_a_tier_who_held_the_complaint_at_an_earlier_one() -> None:
    story = opened()
    story.does(Reassign, LEAD, to="mona")
    story.does(Reply, "mark")
    story.does(Escalate)
    story.refuses(Code.ACTED_EARLIER, Acknowledge, "mona")
    story.does(Reply, "tess")
    story.does(Escalate)
    for staff in ("mona", "mark", "tess"):
        story.refuses(Code.ACTED_EARLIER, AcceptReview, staff)


def test_to_reassign_does_not_count_as_acting() -> None:
    story = opened()
    story.does(Reassign, "lou", to="mark")
    story.does(Reply, "mark")
    story.does(Escalate)
    story.does(Acknowledge, "lou")


def test_to_accept_late_does_not_count_as_acting() -> None:
    story = opened(case={"open": False, "answered_on": "2025-01-10"})
    story.does(AcceptLate, "lou")
    story.does(Reply, "mark")
    story.does(Escalate)
    story.does(Acknowledge, "lou")


def test_to_classify_counts_as_acting() -> None:
    story = opened()
    story.does(Classify, "lou", concern=1, aspect="not_kept_updated")
    story.does(Reply, "mark")
    story.does(Escalate)
    story.refuses(Code.ACTED_EARLIER, Acknowledge, "lou")


def test_the_same_act_twice_takes_effect_once_and_gets_the_same_answer() -> None:
    story = opened()
    act = story.act(Acknowledge)
    first = story.complaint.apply(act, story.now, DIRECTORY_RESULT)
    story.at("2026-03-20 10:00")
    before = story.state.model_dump()
    assert story.complaint.apply(act, story.now, DIRECTORY_RESULT) == first
    assert story.state.model_dump() == before


def test_the_same_refused_act_twice_is_refused_twice_also_when_it_might_be_done_by_then() -> None:
    story = opened()
    act = story.act(Escalate)
    assert story.complaint.apply(act, story.now, DIRECTORY_RESULT).code == "too_early"
    story.at("2026-03-20 10:00")
    assert story.complaint.apply(act, story.now, DIRECTORY_RESULT).code == "too_early"
    assert story.complaint.may(story.act(Escalate), story.now, NOT_CHECKED) is None


def test_updates_and_signals_get_the_same_refusal_if_both_the_rule_and_the_permission_refuse() -> None:
    """The validator of an update cannot query the directory."""
    story = opened()
    act = story.act(Settle, "stranger")
    refusal = story.complaint.may(act, story.now, NOT_CHECKED)
    assert refusal
    assert refusal.code == story.complaint.apply(act, story.now, DIRECTORY_RESULT).code == "not_now"


def test_somebody_without_permission_causes_no_letter_or_alert_by_a_refused_act() -> None:
    """Such as the letter that says the escalation came too late."""
    story = closed_untaken()
    assert story.sends(Escalate, "stranger").code == "unknown_staff"
    assert "escalation_out_of_time" not in story.letters()
    assert story.sends(Escalate, "intake").code == "window_ended"
    assert "escalation_out_of_time" in story.letters()


def test_a_refused_act_changes_nothing_but_the_record() -> None:
    story = opened()
    record = {"events", "answers", "sequence", "refusal_notices"}
    before = story.state.model_dump(exclude=record)
    story.sends(Escalate)
    assert story.state.model_dump(exclude=record) == before
    assert story.kinds()[-1] == "refused"


def test_input_that_is_no_act_is_recorded_as_refused() -> None:
    story = opened()
    answer = story.complaint.refuse("shout", None, Code.UNKNOWN_ACT, "There is no act shout.", story.now)
    assert answer.code == "unknown_act"
    [refused] = story.events("refused")
    assert refused.what == "a signal refused: unknown act"
    assert refused.detail == {"act": "unknown", "code": "unknown_act"}
    assert refused.free_text == {"act": "shout", "sentence": "There is no act shout."}
    assert story.state.answers.recent == {}


def test_an_answer_has_the_complaints_status() -> None:
    answer = opened().does(Acknowledge)
    assert answer.sentence == "Manager: acknowledged"
    assert (answer.status, answer.tier, answer.holder) == ("awaiting_reply", "manager", "mark")
    assert answer.next_due_at


@pytest.mark.parametrize("by", ["", "two words", "-dash", "a" * 101, None])
def test_every_act_names_its_actor(by: str | None) -> None:
    with pytest.raises(ValidationError):
        Acknowledge.model_validate({"id": "1", "by": by})


def test_an_act_with_an_unknown_field_is_refused() -> None:
    with pytest.raises(ValidationError):
        Acknowledge.model_validate({"id": "1", "by": "mark", "send_at": "2026-03-02T10:00Z"})


def test_staff_ids_are_the_same_in_capitals_and_small_letters() -> None:
    story = opened(case={"handler": HANDLER.upper()})
    story.does(Acknowledge, "Mark")
    assert (story.state.holder, story.state.form.case.handler) == ("mark", HANDLER)
    story.refuses(Code.WAS_CASE_HANDLER, Reassign, "MARK", to="Hanna", reason="On leave.")
    story.does(Reassign, "LEE", to="Mona", reason="On leave.")
    assert story.state.holder == "mona"
    assert StaffAuthority(id="Mark").id == "mark"
