"""A representative's letters speak of the person they represent (R9)."""

import pytest
from hypothesis import given, settings

from complaints.letters.facts import AnyFacts
from complaints.letters.html import render_html
from complaints.letters.markup import parse_blocks, single_line
from complaints.letters.pdf import render_pdf
from complaints.letters.samples import SAMPLES
from complaints.letters.templates import ComposedLetter
from complaints.letters.text import render_text
from complaints.procedure.enums import Letter
from tests.letters.letter_cases import LETTERS
from tests.letters.parse_letter import HtmlLetter, pdf_text, without_spaces
from tests.letters.render_letter import SENDER, TEMPLATES, compose_letter, facts_for
from tests.letters.stories import ALL_REMEDIES, manager_replied
from tests.letters.test_hostile_input import MARKED_TEXT
from tests.procedure.builders import opened

OF_ONES_OWN = (
    *("your case", "your personal", "service that we gave you", "gave you our answer"),
    *("pay you", "paid you", "apologise to you", "you received"),
)
"""What a letter says only to a person who complains for themselves."""
NAMES = ("Siobhán O\u2019Neill", "D'Arcy & Sons", "Łukasz Żółć", "Мария Иванова", "محمد علي", "שרה כהן", "W" * 200)


def compose_for(facts: AnyFacts, represents: str | None) -> ComposedLetter:
    return TEMPLATES.compose(facts.model_copy(update={"represents": represents}), SENDER)


@pytest.mark.parametrize("name", LETTERS)
def test_every_letter_of_a_representative_speaks_of_the_person_they_represent(name: str) -> None:
    occasion, story = LETTERS[name]
    facts = facts_for(story(), occasion)
    letter = compose_for(facts, "Siobhán O'Neill")
    text = render_text(letter)
    assert "\nOn behalf of: Siobhán O'Neill\n" in text
    assert f"\nDear {facts.name}\n" in text
    assert letter.to[0] == facts.name
    assert [words for words in OF_ONES_OWN if words in text.lower()] == []


@pytest.mark.parametrize("occasion", Letter)
def test_no_variant_of_a_letter_addresses_a_representative_as_if_the_case_were_theirs(occasion: Letter) -> None:
    for sample in SAMPLES[occasion]:
        text = render_text(compose_for(sample, "Bo Smith"))
        assert [words for words in OF_ONES_OWN if words in text.lower()] == []
        assert "On behalf of" not in render_text(compose_for(sample, None))


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_printed_as_it_is_written(name: str) -> None:
    complainant = {"capacity": "representative", "represents": name}
    letter = compose_letter(manager_replied(reply=ALL_REMEDIES, complainant=complainant), "reply")
    text = render_text(letter)
    assert f"We will pay £150 to {name} by Thursday 2 April 2026." in text
    assert f"your complaint on behalf of {name}. This letter" in text
    assert HtmlLetter(render_html(letter)).lines == [line.strip() for line in text.split("\n") if line.strip()]
    printed = render_pdf(letter)
    assert printed.is_complete
    assert set(without_spaces(name)) <= set(pdf_text(printed.content))


def test_no_digit_follows_a_name() -> None:
    """After a name that runs from right to left, a number would be shown before it."""
    for samples in SAMPLES.values():
        for sample in samples:
            text = render_text(compose_for(sample, "[name]"))
            assert not [after for after in text.split("[name]")[1:] if after.lstrip(" :.,;£")[:1].isdigit()]


@given(name=MARKED_TEXT)
@settings(max_examples=40, deadline=None)
def test_a_hostile_name_does_not_become_part_of_the_letter(name: str) -> None:
    facts = facts_for(manager_replied(reply=ALL_REMEDIES), "reply")
    letter, harmless = compose_for(facts, name), compose_for(facts, "Bo")
    assert letter.subject == harmless.subject
    blocks, others = parse_blocks(letter.text), parse_blocks(harmless.text)
    assert [(block.kind, len(block.lines)) for block in blocks] == [(block.kind, len(block.lines)) for block in others]
    assert letter.text.replace(single_line(name), "Bo") == harmless.text


def test_a_representative_of_nobody_is_addressed_as_before() -> None:
    for story in (opened(aspects=["outcome"]), manager_replied(reply=ALL_REMEDIES)):
        occasion = story.letters()[-1]
        own = render_text(compose_letter(story, occasion))
        assert "your case" in own
        assert "On behalf of" not in own
