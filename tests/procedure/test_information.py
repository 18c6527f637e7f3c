"""R9: what comes later is added, not lost; contact details and needs change."""

from typing import Any

import pytest
from pydantic import ValidationError

from complaints.procedure.acts import (
    AcceptLate,
    Acknowledge,
    AddInformation,
    ChangeContact,
    Escalate,
    LetterHeld,
    Reply,
    Withdraw,
)
from complaints.procedure.enums import Aspect, Code
from complaints.procedure.form import Complainant, Needs
from complaints.procedure.state import ComplaintState
from tests.procedure.builders import INTAKE, MANAGER, Story, closed_untaken, opened, replied

SERVICE = {"aspect": "delay", "what_happened": "It took five weeks more."}
MERITS = {"aspect": "outcome", "what_happened": "The decision is wrong."}
CALL = {"on": "2026-03-02", "channel": "phone", "summary": "They promised a call."}


def test_what_is_added_is_on_the_form_and_the_holder_is_alerted() -> None:
    story = opened()
    story.does(Acknowledge)
    story.does(AddInformation, INTAKE, concern=SERVICE, communication=CALL, put_right="Ring me.", note="Very upset.")
    form = story.state.form
    assert story.state.aspects == [Aspect.DELAY, Aspect.DELAY]
    assert [concern.what_happened for concern in form.concerns][1:] == ["It took five weeks more."]
    assert form.communication[-1].summary == "They promised a call."
    assert (form.put_right and form.put_right.endswith("\n\nRing me.")) or form.put_right == "Ring me."
    [event] = story.events("add_information")
    assert event.what == "added: concern, communication, put right, note"
    assert event.free_text["note"] == "Very upset."
    assert event.free_text["concern 2"] == "It took five weeks more."
    assert story.alerts()[-1] == ("information_added", [f"staff:{MANAGER}"])
    assert story.state == ComplaintState.model_validate_json(story.state.model_dump_json())


def test_a_holder_who_adds_it_is_not_alerted() -> None:
    story = opened()
    story.does(Acknowledge)
    story.does(AddInformation, MANAGER, note="I rang them.")
    assert story.alerts() == []


def test_a_further_concern_that_is_not_about_service_is_signposted() -> None:
    story = opened()
    story.does(AddInformation, INTAKE, concern=MERITS)
    assert (story.letters(), story.closed) == (["signpost"], None)
    assert story.events("letter")[0].detail["concerns"] == [2]
    assert story.events("letter")[0].detail["rest"] == "looked_at"


def test_a_further_concern_after_the_reply_leaves_the_reply_as_it_is() -> None:
    story = replied()
    story.does(AddInformation, INTAKE, concern=MERITS)
    assert story.events("letter", occasion="signpost")[0].detail["rest"] == "answered"
    assert story.state.status == "awaiting_complainant"


def test_a_concern_about_service_takes_a_signposted_complaint_up_again() -> None:
    story = opened(aspects=["outcome"]).at("2026-03-05 10:00")
    story.does(AddInformation, INTAKE, note="They rang.")
    assert story.closed == "signposted"
    story.does(AddInformation, INTAKE, concern=MERITS)
    assert story.alerts()[-1] == ("information_added", ["lead:manager"])
    story.does(AddInformation, INTAKE, concern=SERVICE)
    assert story.state.tier_id == "manager"
    assert not story.state.is_closed
    assert story.letters() == ["signpost", "signpost", "taken_up_again"]


def test_a_complaint_closed_for_another_reason_takes_no_more() -> None:
    story = opened()
    story.does(Withdraw)
    story.refuses(Code.CLOSED, AddInformation, INTAKE, note="They rang.")


def test_a_communication_lies_in_no_future() -> None:
    opened().refuses(Code.IN_FUTURE, AddInformation, INTAKE, communication=CALL | {"on": "2026-03-03"})


def test_a_full_form_takes_notes_only() -> None:
    story = opened(aspects=["delay"] * 50)
    story.refuses(Code.FORM_FULL, AddInformation, INTAKE, concern=SERVICE)
    story.does(AddInformation, INTAKE, note="It went on.")
    story.does(AddInformation, INTAKE, put_right="x" * 9_999)
    story.refuses(Code.FORM_FULL, AddInformation, INTAKE, put_right="x" * 9_999)


@pytest.mark.parametrize("kind", [AddInformation, ChangeContact])
def test_an_act_that_gives_nothing_is_invalid(kind: Any) -> None:
    with pytest.raises(ValidationError, match="give at least one of"):
        kind(id="1", by=INTAKE)


def held(**given: Any) -> Story:
    story = opened(**given)
    story.does(Acknowledge)
    letter = story.events("letter")[-1].sequence
    story.does(LetterHeld, "post.room", letter=letter, reason="It came back.")
    return story


def test_a_held_letter_goes_again_by_the_address_that_has_changed() -> None:
    story = held()
    letter = story.state.held[0]
    story.does(ChangeContact, INTAKE, email="ada.new@example.org")
    assert story.state.form.complainant.email == "ada.new@example.org"
    assert story.events("change_contact")[0].detail == {
        "changed": ["email"],
        "again": [{"letter": letter, "channel": "email"}],
    }
    assert story.alerts()[-1] == ("contact_changed", [f"staff:{MANAGER}"])


def test_a_held_letter_goes_again_as_the_complainant_now_prefers() -> None:
    story = held()
    story.does(ChangeContact, INTAKE, address="2 Low Street, York", prefers="post")
    assert story.events("change_contact")[0].detail["again"][0]["channel"] == "post"


@pytest.mark.parametrize("change", [{"needs": {"large_print": True}}, {"address": "2 Low Street, York"}])
def test_a_held_letter_waits_where_its_address_is_as_it_was(change: dict[str, Any]) -> None:
    story = held()
    story.does(ChangeContact, INTAKE, **change)
    assert story.events("change_contact")[0].detail["again"] == []


def test_a_channel_without_an_address_and_no_change_are_refused() -> None:
    story = opened(complainant={"address": None})
    story.refuses(Code.NO_ADDRESS, ChangeContact, INTAKE, prefers="post")
    story.refuses(Code.ALREADY_DONE, ChangeContact, INTAKE, email=story.state.form.complainant.email)


def test_a_closed_complaint_takes_another_address() -> None:
    story = closed_untaken()
    story.does(ChangeContact, INTAKE, email="ada.new@example.org")
    assert story.alerts() == []


def test_needs_are_replaced_as_a_whole() -> None:
    story = opened()
    story.does(ChangeContact, INTAKE, needs={"large_print": True, "language": "Polish", "telephone": True})
    assert str(story.state.form.complainant.needs) == "large print, Polish, the telephone"
    story.does(ChangeContact, INTAKE, needs={"telephone": True})
    assert story.state.form.complainant.needs == Needs(telephone=True)


def test_an_answer_says_what_the_complainant_needs() -> None:
    story = opened(complainant={"needs": {"telephone": True, "other": "a quiet room"}})
    answer = story.does(Acknowledge)
    assert answer.needs == ("telephone", "other")
    assert str(story.state.form.complainant.needs) == "the telephone, a quiet room"
    assert story.does(ChangeContact, INTAKE, needs={}).needs == ()
    assert story.does(Reply).needs == ()


def test_added_concerns_go_on_with_the_complaint() -> None:
    story = replied()
    story.does(AddInformation, INTAKE, concern=SERVICE)
    story.does(Escalate)
    story.does(Reply)
    assert len(story.state.form.concerns) == len(story.state.aspects)
    story.refuses(Code.NOTHING_LATE, AcceptLate, "lee")


def complainant(**given: Any) -> Complainant:
    return Complainant.model_validate(
        {"name": "Ada", "capacity": "representative", "email": "ada@example.org", "prefers": "email"} | given
    )


def test_only_a_representative_represents_somebody_on_an_authority() -> None:
    assert complainant(represents="Bo", authority="a letter of authority").represents == "Bo"
    for given in ({"capacity": "customer", "represents": "Bo"}, {"authority": "a letter"}):
        with pytest.raises(ValidationError, match="represents: "):
            complainant(**given)
