"""A tier's own letters have its letterhead; all others have the organisation's (R11)."""

import pytest

from complaints.letters.facts import MODELS
from complaints.letters.pdf import render_pdf
from complaints.letters.sender import Sender
from complaints.procedure.enums import Letter
from tests.letters.letter_cases import LETTERS
from tests.letters.parse_letter import pdf_text
from tests.letters.render_letter import SENDER, compose_letter
from tests.letters.reviews import opinion_given, review_requested

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
