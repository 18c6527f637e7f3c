"""The permission that each act requires, and every refusal of it (R11)."""

from typing import Any

import pytest

from complaints.procedure.acts import (
    AcceptLate,
    AcceptReview,
    Acknowledge,
    Act,
    AnswerRecommendation,
    CarryOut,
    CaseReopened,
    ChangePolicy,
    Classify,
    CloseInError,
    DeclineReview,
    Extend,
    GiveOpinion,
    LetterHeld,
    LetterSent,
    Reassign,
    Reply,
    Settle,
    Withdraw,
)
from complaints.procedure.directory_lookup import DirectoryResult, StaffAuthority
from complaints.procedure.enums import Code
from complaints.procedure.permissions import POST_ROOM
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.procedure.builders import (
    ACTION,
    APOLOGY,
    COMPENSATION,
    HANDLER,
    LEAD,
    Story,
    closed_untaken,
    day,
    opened,
    replied,
)
from tests.procedure.test_assessor import accepted, recommended, requested


def knows(story: Story, staff: str, *roles: str, **fields: Any) -> Story:
    """The directory says this of somebody, and what it says of everybody else."""
    others = tuple(standing for standing in DIRECTORY_RESULT.authorities if standing.id != staff)
    story.found = DirectoryResult(authorities=(*others, StaffAuthority(id=staff, roles=roles, **fields)))
    return story


def test_nobody_acts_who_is_not_in_the_directory() -> None:
    for kind in (Acknowledge, Withdraw):
        refusal = opened().refuses(Code.UNKNOWN_STAFF, kind, "stranger")
        assert refusal.sentence == "stranger is not in the staff directory."
        assert refusal.is_recorded


def test_nobody_acts_before_their_first_day_or_after_their_last() -> None:
    joins = knows(opened(), "nina", "manager", active_from=day("2026-03-03"))
    refusal = joins.refuses(Code.INACTIVE_STAFF, Acknowledge, "nina")
    assert refusal.sentence == "nina is active from Tue 3 Mar 2026 only."
    joins.at("2026-03-03 00:00").does(Acknowledge, "nina")
    leaves = knows(opened(), "nina", "manager", active_until=day("2026-03-02"))
    leaves.at("2026-03-02 23:59").does(Acknowledge, "nina")
    refusal = leaves.at("2026-03-03 00:00").refuses(Code.INACTIVE_STAFF, Extend, "nina", to="2026-03-20")
    assert refusal.sentence == "nina is no longer active since Mon 2 Mar 2026."


def test_permission_is_checked_when_the_act_takes_effect_and_not_when_its_letter_was_sent() -> None:
    story = knows(opened(), "nina", "manager", active_until=day("2026-03-02")).at("2026-03-03 10:00")
    story.refuses(Code.INACTIVE_STAFF, Acknowledge, "nina", sent_at="2026-03-02 12:00")


@pytest.mark.parametrize("kind", [Acknowledge, Reply, Extend])
def test_only_the_tiers_role_acts_at_a_tier(kind: type[Act]) -> None:
    fields = {"to": "2026-03-20"} if kind is Extend else {}
    for staff in ("tess", "lee", "ida"):
        refusal = opened().refuses(Code.WRONG_ROLE, kind, staff, **fields)
        assert refusal.sentence == f"{staff} does not have the role Manager, whose act this is."


def test_a_letter_of_a_tier_already_left_needs_that_tiers_role() -> None:
    story = opened().at("2026-04-01 10:00")
    assert story.state.tier_id == "customer_complaints_team"
    story.refuses(Code.WRONG_ROLE, Reply, "tess", sent_at="2026-03-20 10:00")
    story.does(Reply, "mark", sent_at="2026-03-20 10:00")


def test_acts_of_the_complainant_and_the_case_system_are_keyed_by_anybody_known() -> None:
    for keyed_by in ("intake", "tess", "hanna"):
        opened().does(Withdraw, keyed_by)
        opened().does(CaseReopened, keyed_by)


def test_a_system_decides_nothing() -> None:
    story = knows(opened(), "case-system", "manager", leads=("manager",), is_system=True)
    refusal = story.refuses(Code.WRONG_ROLE, Acknowledge, "case-system")
    assert refusal.sentence == "case-system is a system: it says what happened, and decides nothing."
    story.refuses(Code.WRONG_ROLE, CloseInError, "case-system")


def test_administrators_and_leads_change_a_complaints_policy_and_its_case_handler_does_not() -> None:
    story = opened()
    policy = story.state.policy.model_copy(update={"version": "2"})
    fields = {"policy": policy, "calendar": story.state.calendar, "reason": "It is shorter."}
    refusal = story.refuses(Code.WRONG_ROLE, ChangePolicy, "mona", **fields)
    assert refusal.sentence == "mona is no administrator and leads no tier; only they may do this."
    for staff in ("op", "lee"):
        opened().does(ChangePolicy, staff, **fields)
    handler = str(story.state.form.case.handler)
    knows(story, handler, "case_handler", "administrator").refuses(
        Code.WAS_CASE_HANDLER, ChangePolicy, handler, **fields
    )


def test_the_assessor_is_neither_administrator_nor_auditor() -> None:
    for role in ("administrator", "auditor"):
        story = knows(requested(), "ida", "independent_assessor", role)
        story.refuses(Code.ASSESSOR_HOLDS_OTHER_ROLE, AcceptReview, "ida")


def test_the_product_itself_does_only_acts_about_delivery() -> None:
    story = replied()
    story.found = DirectoryResult()
    letter = story.events("letter")[-1].sequence
    story.does(LetterHeld, POST_ROOM, letter=letter)
    story.refuses(Code.UNKNOWN_STAFF, LetterSent, "stranger", letter=letter)
    story.refuses(Code.UNKNOWN_STAFF, Withdraw, POST_ROOM)


def test_the_case_handler_settles() -> None:
    opened().refuses(Code.NOT_NOW, Settle, HANDLER)
    story = opened(told_case_handler_on=None)
    story.refuses(Code.WRONG_ROLE, Settle, "mark")
    story.sends(Settle, "mark")
    assert story.alerts() == [("who_may_act", ["lead:manager"])]
    story.does(Settle, "harry")


@pytest.mark.parametrize(("kind", "fields"), [(Classify, {"concern": 1, "aspect": "other_service"}), (Reassign, {})])
def test_the_holder_or_the_lead_classifies_and_reassigns(kind: type[Act], fields: dict[str, Any]) -> None:
    fields = {"to": "mary"} if kind is Reassign else fields
    story = opened()
    refusal = story.refuses(Code.WRONG_ROLE, kind, "mona", **fields)
    assert refusal.sentence == "mona neither holds the complaint nor leads Manager."
    story.does(Acknowledge, "mona")
    story.does(kind, "mona", **fields)
    opened().does(kind, "lee", **fields)
    at_the_case_handlers = fields | ({"to": "harry"} if kind is Reassign else {})
    opened(told_case_handler_on=None).does(kind, "lee", **at_the_case_handlers)


def test_a_new_holder_is_known_active_and_has_the_role() -> None:
    story = opened()
    story.refuses(Code.UNKNOWN_STAFF, Reassign, LEAD, to="stranger")
    refusal = story.refuses(Code.WRONG_ROLE, Reassign, LEAD, to="tess")
    assert refusal.sentence == "tess does not have the role Manager, whose act this is."
    knows(story, "nina", "manager", active_until=day("2026-03-01"))
    story.refuses(Code.INACTIVE_STAFF, Reassign, LEAD, to="nina")
    asked = story.complaint.directory_query([story.act(Reassign, LEAD, to="nina")], story.now)
    assert asked
    assert asked.actors == (LEAD, "nina")


def test_the_lead_of_the_receiving_tier_accepts_late_complaints() -> None:
    late = opened(case={"open": False, "answered_on": "2025-01-10"})
    late.refuses(Code.WRONG_ROLE, AcceptLate, "tess")
    late.does(AcceptLate, "mark")
    untaken = closed_untaken()
    refusal = untaken.refuses(Code.WRONG_ROLE, AcceptLate, "mark")
    assert refusal.sentence == "mark does not lead Customer Complaints team, whose lead may take it."
    untaken.does(AcceptLate, "tess")


def test_a_lead_closes_a_complaint_that_was_opened_in_error() -> None:
    refusal = opened().refuses(Code.WRONG_ROLE, CloseInError, "mona")
    assert refusal.sentence == "mona leads no tier; only a lead may do this."
    opened().does(CloseInError, "tess")


def test_leads_of_the_service_answer_recommendations() -> None:
    story = recommended(APOLOGY)
    story.refuses(Code.WRONG_ROLE, AnswerRecommendation, "mona", recommendation=1, accepted=True)
    knows(story, "ivy", leads=("independent_assessor",))
    story.refuses(Code.WRONG_ROLE, AnswerRecommendation, "ivy", recommendation=1, accepted=True)
    story.does(AnswerRecommendation, "mark", recommendation=1, accepted=True)


def test_the_owner_or_the_tiers_lead_records_that_an_undertaking_was_carried_out() -> None:
    story = opened()
    story.does(Reply, "mona", remedies=[COMPENSATION, ACTION])
    refusal = story.refuses(Code.WRONG_ROLE, CarryOut, "tess", undertaking=1)
    assert refusal.sentence == "tess neither owns undertaking 1 nor leads Manager, which answers for it."
    story.does(CarryOut, "mona", undertaking=1)
    story.does(CarryOut, "mark", undertaking=2)


def test_the_independent_assessor_accepts_declines_and_gives_the_opinion() -> None:
    for kind in (AcceptReview, DeclineReview):
        refusal = requested().refuses(Code.WRONG_ROLE, kind, "tom")
        assert refusal.sentence == "tom does not have the role Independent Assessor, whose act this is."
        opened().refuses(Code.NOT_NOW, kind, "ida")
    accepted().refuses(Code.WRONG_ROLE, GiveOpinion, "tom")


@pytest.mark.parametrize("more", [{"roles": ("independent_assessor", "manager")}, {"leads": ("manager",)}])
def test_the_independent_assessor_holds_no_other_role(more: dict[str, tuple[str, ...]]) -> None:
    story = requested()
    held = {"roles": ("independent_assessor",)} | more
    knows(story, "ivy", *held.pop("roles"), **held)
    refusal = story.refuses(Code.ASSESSOR_HOLDS_OTHER_ROLE, AcceptReview, "ivy")
    assert refusal.sentence == "ivy also has manager; the Independent Assessor holds no other role."
    story.refuses(Code.ASSESSOR_HOLDS_OTHER_ROLE, Reassign, "lee", to="ivy")


def test_the_independent_assessor_may_lead_her_own_tier() -> None:
    story = knows(requested(), "ivy", "independent_assessor", leads=("independent_assessor",))
    story.does(AcceptReview, "ivy")
