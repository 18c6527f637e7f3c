"""R11: who has a part in a complaint, and may read people's words."""

from complaints.procedure.complaint import Complaint
from complaints.procedure.directory_lookup import StaffAuthority
from complaints.procedure.views.readers import memberships, readers_of
from tests.records.sample_complaints import long_story, opened


def may_read(complaint: Complaint, **authority: object) -> bool:
    staff = StaffAuthority.model_validate({"id": "somebody", **authority})
    return not set(memberships(staff)).isdisjoint(readers_of(complaint.state))


def test_the_case_handler_and_the_current_tiers_staff_and_lead_have_a_part() -> None:
    complaint = opened()
    assert may_read(complaint, id="harry")
    assert may_read(complaint, roles=("manager",))
    assert may_read(complaint, leads=("manager",))


def test_a_stranger_and_staff_of_other_tiers_have_none() -> None:
    complaint = opened()
    assert not may_read(complaint)
    assert not may_read(complaint, roles=("customer_complaints_team",), leads=("customer_complaints_team",))


def test_the_first_tiers_lead_has_a_part_while_the_case_handler_has_it() -> None:
    complaint = opened("H-1")
    assert may_read(complaint, leads=("manager",))
    assert not may_read(complaint, roles=("manager",))


def test_who_held_it_or_acted_keeps_a_part_and_the_role_of_an_earlier_tier_loses_it() -> None:
    *_, complaint = long_story()
    for staff in ("mary", "carl", "cora", "ida"):
        assert may_read(complaint, id=staff)
    assert may_read(complaint, roles=("independent_assessor",))
    assert not may_read(complaint, roles=("manager",))
    for tier in ("manager", "customer_complaints_team", "independent_assessor"):
        assert may_read(complaint, leads=(tier,))
