"""The available acts are exactly those that would be accepted."""

from hypothesis import given

from complaints.procedure import acts
from complaints.procedure.views.available_acts import available_acts
from tests.fixtures.random_complaints import RandomComplaint, play, random_complaints
from tests.fixtures.staff import DIRECTORY, DIRECTORY_RESULT
from tests.procedure.builders import COMPENSATION, Story, closed_untaken, opened, replied

ALWAYS = (acts.AddInformation, acts.ChangeContact)
"""Possible at every open complaint."""


def names(story: Story, by: str | None = None) -> list[str]:
    offered = available_acts(story.complaint, story.now, DIRECTORY.members[by].authority if by else None)
    return [f"{act.name} {number}" if number else act.name for act, number in offered if act not in ALWAYS]


def test_a_new_complaint_waits_for_its_tier() -> None:
    assert names(opened(case={"open": True, "answered_on": None})) == [
        *("acknowledge", "reply", "extend", "classify", "resolve", "withdraw", "reassign", "case_closed"),
        "close_in_error",
    ]


def test_somebody_is_offered_the_acts_of_their_role() -> None:
    story = opened(case={"open": True, "answered_on": None})
    story.does(acts.Acknowledge, by="m.okafor")
    by_anybody = ("resolve", "withdraw", "case_closed")
    assert sorted(names(story, by="m.okafor")) == sorted(["reply", "extend", "classify", "reassign", *by_anybody])
    assert sorted(names(story, by="m.silva")) == sorted(["reply", "extend", *by_anybody])
    assert sorted(names(story, by="lead.manager")) == sorted(["classify", "reassign", "close_in_error", *by_anybody])
    assert sorted(names(story, by="t.lund")) == sorted(by_anybody)
    assert names(story, by="left.in.2021") == []


def test_the_complainants_acts_are_offered_after_a_reply() -> None:
    assert names(replied()) == [
        *("correct", "escalate", "resolve", "withdraw", "reassign", "case_reopened", "close_in_error"),
    ]


def test_a_closed_complaint_may_still_be_accepted_late() -> None:
    assert names(closed_untaken()) == ["accept_late", "case_reopened"]


def test_each_open_undertaking_is_offered_by_its_number() -> None:
    story = opened()
    story.does(acts.Reply, remedies=[COMPENSATION, {"kind": "action", "what": "Send the file."}])
    story.does(acts.CarryOut, undertaking=1)
    assert [name for name in names(story) if name.startswith("carry_out")] == ["carry_out 2"]


@given(random_complaints())
def test_every_act_that_is_accepted_at_once_was_offered(random_complaint: RandomComplaint) -> None:
    """Except letters sent and acts received earlier, and facts, which are accepted at any time."""
    for random_act, (complaint, act, now) in zip(random_complaint.acts, play(random_complaint), strict=True):
        state = complaint.state
        before = state.model_dump()
        offered = available_acts(complaint, now)
        assert state.model_dump() == before, "to ask changes nothing"
        if (
            complaint.apply(act, now, DIRECTORY_RESULT).code == "done"
            and random_act.letter_ago is None
            and random_act.signalled_ago is None
        ):
            about = getattr(act, "undertaking", None) or getattr(act, "recommendation", None)
            is_fact = isinstance(act, acts.CaseClosed | acts.CaseReopened | acts.LetterHeld | acts.LetterSent)
            assert is_fact or (type(act), about) in offered
