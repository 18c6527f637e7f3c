"""A tier's own letters have its letterhead; all others have the organisation's (R11)."""

import pytest

from complaints.letters.facts import MODELS
from complaints.letters.pdf import render_pdf
from complaints.letters.sender import Sender
from complaints.letters.stationery import Stationery, holder_to_name
from complaints.procedure.enums import Channel, Letter
from complaints.records.deliveries import MessageContents
from complaints.staff.members import Member
from tests.letters.letter_cases import LETTERS
from tests.letters.parse_letter import pdf_text
from tests.letters.render_letter import SENDER, TEMPLATES, compose_letter
from tests.letters.reviews import opinion_given, review_requested
from tests.letters.stories import acknowledged, withdrawn

ASSESSORS = {Letter.OPINION, Letter.REVIEW_ACCEPTED, Letter.REVIEW_DECLINED}


@pytest.mark.parametrize("name", LETTERS)
def test_the_assessors_letters_and_no_others_have_her_letterhead(name: str) -> None:
    occasion, story = LETTERS[name]
    letter = compose_letter(story(), occasion)
    is_hers = letter.sender.name == "Independent Assessor"
    assert is_hers == (occasion in ASSESSORS)
    assert letter.text.endswith("\nJane Doe\nIndependent Assessor") == is_hers


def test_a_posted_opinion_has_her_address_and_the_organisations_telephone() -> None:
    letter = compose_letter(opinion_given(), "opinion")
    read = pdf_text(render_pdf(letter).content)
    assert "assessor@example.org" in read
    assert "POBox7" in read
    assert SENDER.phone
    assert SENDER.phone.replace(" ", "") in read
    assert "ExchangeTower" not in read


def test_a_request_for_her_review_is_received_by_the_organisation() -> None:
    assert compose_letter(review_requested(), "escalation_received").sender.name == SENDER.name


def test_a_tier_without_a_letterhead_has_the_organisations() -> None:
    assert SENDER.for_tier("manager") == SENDER.for_tier(None) == Sender(**SENDER.model_dump(exclude={"tiers"}))


def test_only_letters_about_a_tier_are_written_by_one() -> None:
    assert all("tier" in model.model_fields for model in MODELS.values() if model.by_tier)


def test_a_letter_names_the_holder_only_where_the_policy_says_so() -> None:
    state = acknowledged().state
    assert state.holder
    assert holder_to_name(state) is None
    naming = state.model_copy(update={"policy": state.policy.model_copy(update={"name_holder": True})})
    assert holder_to_name(naming) == state.holder
    event = acknowledged().events("letter", occasion="acknowledgement")[-1]
    contents = MessageContents(state=naming, event=event, free_text={})
    member = Member.model_validate({"id": state.holder, "name": "Mary Major", "roles": ["manager"]})
    stationery = Stationery(TEMPLATES, SENDER)
    named = stationery.compose(contents, Channel.EMAIL, event.at, member).text
    unnamed = stationery.compose(contents, Channel.EMAIL, event.at).text
    assert "Mary Major deals with your complaint." in named
    assert "deals with your complaint" not in unnamed


def test_a_closed_complaint_names_no_holder() -> None:
    state = withdrawn().state
    naming = state.model_copy(update={"policy": state.policy.model_copy(update={"name_holder": True})})
    assert holder_to_name(naming) is None
