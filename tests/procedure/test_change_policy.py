"""A complaint moves to another policy only by an act; then its dates are recalculated (R14)."""

from typing import Any

from complaints.calendars.builder import calendar_in_force
from complaints.procedure.acts import Acknowledge, ChangePolicy, Escalate, Extend, Reply, Withdraw
from complaints.procedure.dates.ledgers import ledgers_of
from complaints.procedure.directory_lookup import NOT_CHECKED
from complaints.procedure.enums import Code
from complaints.procedure.policy import Policy
from complaints.procedure.views.date_preview import preview_dates
from complaints.procedure.views.policy_diff import Difference, differences
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.procedure.builders import BY_HAND, FOS, HOUSING, Story, at, day, opened, replied


def version_2(within: int = 8, **first_tier: Any) -> Policy:
    """The manager replies within other working days."""
    dumped = FOS.model_dump(mode="json")
    dumped["tiers"][0] |= first_tier
    dumped["tiers"][0]["reply"]["within"] = {"working_days": within}
    return Policy.model_validate(dumped | {"version": "2"})


def change(story: Story, policy: Policy) -> ChangePolicy:
    calendar = calendar_in_force(policy, story.state.calendar)
    act = story.act(ChangePolicy, by="lee", policy=policy, calendar=calendar, reason="It is shorter.")
    assert isinstance(act, ChangePolicy)
    return act


def moved(story: Story, policy: Policy) -> Story:
    assert story.complaint.apply(change(story, policy), story.now, DIRECTORY_RESULT).code == "done"
    return story


def test_a_moved_complaint_has_the_dates_of_the_new_policy_and_the_reason_on_record() -> None:
    story = moved(opened(), version_2())
    reply = story.deadline("reply")
    assert (reply.first_on, reply.due_on, reply.allowance) == (day("2026-03-12"), day("2026-03-12"), "8 working days")
    [act] = story.events("change_policy")
    assert (act.detail["policy_was"], act.detail["policy"]) == (FOS.name, "financial-ombudsman-service 2")
    assert act.free_text == {"reason": "It is shorter."}
    assert ledgers_of(story.complaint)[1].policy == "financial-ombudsman-service 2"


def test_a_met_deadline_keeps_the_policy_by_which_it_was_judged() -> None:
    story = opened()
    story.does(Acknowledge)
    moved(story, version_2())
    assert [ledger.policy for ledger in ledgers_of(story.complaint)] == [FOS.name, version_2().name]


def test_a_shorter_time_that_is_over_lapses_at_once() -> None:
    story = moved(opened().at("2026-03-13 10:00"), version_2())
    assert story.times("lapsed", deadline=2) == ["2026-03-13 10:00"]


def test_a_longer_time_withdraws_a_lapse() -> None:
    story = moved(opened().at("2026-03-17 10:00"), version_2(within=15))
    assert story.deadline("reply").lapsed_at is None
    assert story.alerts()[-1][0] == "not_late_after_all"


def test_an_extended_date_stays() -> None:
    story = opened()
    story.does(Extend, to="2026-03-20")
    moved(story, version_2())
    assert (story.deadline("reply").first_on, story.deadline("reply").due_on) == (day("2026-03-12"), day("2026-03-20"))


def test_the_next_tier_is_the_new_policys() -> None:
    story = moved(replied("2026-03-04 10:00"), version_2())
    story.does(Escalate)
    assert story.deadline("reply").policy_version == "financial-ombudsman-service 2"


def test_a_policy_that_does_not_fit_is_refused() -> None:
    story = opened()
    assert (refusal := story.complaint.may(change(story, HOUSING), story.now, NOT_CHECKED))
    assert (refusal.code, refusal.sentence) == (
        Code.NO_SUCH_TIER,
        f"policy: {HOUSING.name} has no tier manager.",
    )
    without = version_2(acknowledge_within=None)
    assert (refusal := story.complaint.may(change(story, without), story.now, NOT_CHECKED))
    assert refusal.sentence.endswith("has no acknowledgement at manager.")


def test_the_same_policy_again_and_a_closed_complaint_are_refused() -> None:
    story = moved(opened(), version_2())
    assert (refusal := story.complaint.may(change(story, version_2()), story.now, NOT_CHECKED))
    assert refusal.code is Code.ALREADY_DONE
    story.does(Withdraw)
    assert (refusal := story.complaint.may(change(story, FOS), story.now, NOT_CHECKED))
    assert refusal.code is Code.CLOSED


def test_a_complaint_moves_to_a_policy_in_seconds_and_back() -> None:
    seconds = BY_HAND.model_copy(update={"case_may_be_open": True})
    story = moved(opened(), seconds)
    assert story.deadline("reply").allowance.endswith("seconds")
    moved(story, FOS)
    assert story.deadline("reply").due_on == day("2026-03-16")


def test_the_differences_between_policies_are_named() -> None:
    assert differences(FOS, version_2(acknowledge_within=None)) == [
        Difference(key="version", was="1", now="2"),
        Difference(key="tiers.manager.acknowledge_within", was="2 working days", now=None),
        Difference(key="tiers.manager.reply.within", was="10 working days", now="8 working days"),
    ]
    assert differences(FOS, FOS) == []


def test_a_preview_of_a_move_changes_nothing() -> None:
    story = opened().at("2026-03-13 10:00")
    before = story.state.model_dump()
    foreseen = preview_dates(story.state, change(story, version_2()), story.now)
    assert story.state.model_dump() == before
    assert [(c.of, str(c.from_on), str(c.to_on), c.was_late, c.is_late) for c in foreseen.changes] == [
        ("manager: reply", "2026-03-16", "2026-03-12", False, True)
    ]
    refused = preview_dates(story.state, change(story, HOUSING), story.now)
    assert refused.refused
    assert refused.changes == []


def test_a_reply_given_meanwhile_leaves_nothing_to_move() -> None:
    story = opened()
    story.does(Reply)
    assert preview_dates(story.state, change(story, version_2()), story.now).changes == []


def test_the_days_before_an_automatic_escalation_count_from_a_move_of_policy() -> None:
    story = opened().at("2026-03-20 10:00")
    assert story.deadline("reply").escalate_at == at("2026-03-24 00:00")
    moved(story, version_2())
    assert story.deadline("reply").escalate_at == at("2026-03-28 00:00")
