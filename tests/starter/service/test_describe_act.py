"""Every act is described with its effects before it is sent."""

from typing import Any

from hypothesis import given

from complaints.procedure.acts import Acknowledge, Act, AddInformation, ChangeContact, LetterHeld
from complaints.procedure.dates.calendar import zone
from complaints.procedure.state import ComplaintState
from complaints.procedure.views.date_preview import preview_act
from starter.service.describe_act import describe_act, describe_complaint, describe_effects
from starter.service.prospect import Prospect
from tests.fixtures.random_complaints import RandomComplaint, play, random_complaints
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.procedure.builders import INTAKE, Story, opened


def described(state: ComplaintState, act: Act, now: Any) -> list[tuple[str, str]]:
    """Return what is shown, from the state as the record has it: without events."""
    prospect = Prospect(preview_act(state.model_copy(update={"events": []}), act, now), [])
    before = prospect.preview.before
    assert "\n".join(describe_complaint(before))
    return [*describe_act(act, zone(before.policy.time_zone), before), *describe_effects(prospect)]


def rows_of(story: Story, kind: type[Act], **fields: Any) -> dict[str, str]:
    return dict(described(story.state, story.act(kind, INTAKE, **fields), story.now))


@given(random_complaints())
def test_every_act_can_be_described(random_complaint: RandomComplaint) -> None:
    for complaint, act, now in play(random_complaint):
        assert described(complaint.state, act, now)
        complaint.apply(act, now, DIRECTORY_RESULT)


def test_what_is_added_is_described() -> None:
    concern = {"aspect": "delay", "what_happened": "It went on."}
    communication = {"on": "2026-03-01", "channel": "phone", "summary": "They promised."}
    rows = rows_of(opened(), AddInformation, concern=concern, communication=communication, note="Upset.")
    assert rows["concern"] == "aspect: delay; what happened: It went on."
    assert rows["communication"] == "on: Sun 1 Mar 2026; channel: phone; summary: They promised."
    assert rows["note"] == "Upset."


def test_a_concern_that_takes_the_complaint_up_again_is_described() -> None:
    rows = rows_of(
        opened(aspects=["outcome"]), AddInformation, concern={"aspect": "delay", "what_happened": "It went on."}
    )
    assert rows["then"] == "Manager, awaiting acknowledgement"


def test_a_change_of_contact_is_described_with_what_it_replaces() -> None:
    story = opened()
    story.does(Acknowledge)
    story.does(LetterHeld, "post.room", letter=story.events("letter")[-1].sequence, reason="It came back.")
    number = story.state.held[0]
    rows = rows_of(story, ChangeContact, email="new@example.org", needs={"large_print": True, "language": "Polish"})
    assert rows["changes"] == "email: ada@example.org → new@example.org\nneeds: none → large print, Polish"
    assert rows[f"letter {number}"] == "goes again by email to Ada Smith, new@example.org"
    rows = rows_of(opened(), ChangeContact, email="new@example.org")
    assert rows["letter"] == "none goes to the complainant"
