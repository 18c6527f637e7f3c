"""Whatever people write, a letter has one subject, the parts that we gave it, and no markup of theirs."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from complaints.letters.facts import AnyFacts
from complaints.letters.html import render_html
from complaints.letters.markup import Block, BlockKind, clean, parse_blocks, single_line
from complaints.letters.pdf import render_pdf
from complaints.letters.templates import ComposedLetter
from complaints.letters.text import render_text
from tests.letters.parse_letter import Page, pdf_text, without_spaces
from tests.letters.render_letter import SENDER, TEMPLATES, facts_by
from tests.letters.reviews import recommendation_answered, review_declined
from tests.letters.stories import ALL_REMEDIES, answered, extended, settled
from tests.letters.test_layout import ELEMENTS
from tests.procedure.builders import ACTION, opened

EVIL = [
    "Zoë Łukasiewicz-O'Brien",
    'She said "no" & <b>left</b>',
    "<script>alert(1)</script>",
    "</title></main><h1>",
    "\r\nBcc: eve@example.org\r\n",
    "\nSubject: You won\n\n",
    "## Heading\n- item\n> words\n",
    "{{ reference }} {% include '_letter.txt' %} {# gone #}",
    '#import "x": * \\ $x$ *bold* _it_ @ref <label> `raw` #panic() // gone /* gone */ = Heading',
    "שלום \u202e مرحبا \u2066",
    "\x00\x01\x1b[31m\x7f\x85\u2028\u2029\ufeff\ufffe",
    "&lt;&amp;&#60;&nbsp;",
    "- ",
    "~ -- ... 'a' http://example.org/?a=1&b=2#c mailto:x@y.z",
]
WRITING = st.lists(st.one_of(st.sampled_from(EVIL), st.text(max_size=20)), max_size=6).map("".join)
FOUND = "Wr1tten"
"""Stands before and after the rest, and must arrive."""
WORDS = WRITING.map(lambda text: f"{FOUND} {text} {FOUND}")

LETTERS: dict[str, AnyFacts] = {
    "reply": facts_by(answered(said=ALL_REMEDIES), "reply"),
    "more_time": facts_by(extended(), "more_time"),
    "settlement": facts_by(settled(), "settlement"),
    "signpost": facts_by(opened(aspects=["outcome"]), "signpost"),
    "review_declined": facts_by(review_declined("enquiry_only"), "review_declined"),
    "recommendation_answered": facts_by(
        recommendation_answered(1, ACTION, accepted=False, reason="No."), "recommendation_answered"
    ),
}


def with_words(facts: AnyFacts, name: str, words: str) -> ComposedLetter:
    """The letter as it would be if people had written nothing but this; no form or act has refused any of it."""
    said: dict[str, Any] = facts.model_dump() | {"name": name, "address": tuple(words.split("\n"))}
    for field in ("findings", "explanation", "reason"):
        if field in said:
            said[field] = words
    if "concerns" in said:
        said["concerns"] = (words, words)
    for remedy in [*said.get("remedies", ()), *filter(None, [said.get("recommended")])]:
        remedy["what"] = remedy["what"] and words
    return TEMPLATES.compose(type(facts).model_validate(said), SENDER)


PEOPLES = (BlockKind.QUOTE, BlockKind.OWN_TEXT)


def ours(letter: ComposedLetter) -> list[Block]:
    """The parts that are not people's words, but for the greeting."""
    return [
        block
        for block in parse_blocks(letter.text)
        if block.kind not in PEOPLES and not block.lines[0].startswith("Dear")
    ]


def quotations(letter: ComposedLetter) -> list[Block]:
    return [block for block in parse_blocks(letter.text) if block.kind in PEOPLES]


@pytest.mark.parametrize("occasion", LETTERS)
@given(name=WORDS, words=WORDS)
@settings(max_examples=40, deadline=None)
def test_nothing_that_people_write_becomes_a_part_of_the_letter(occasion: str, name: str, words: str) -> None:
    letter = with_words(LETTERS[occasion], name, words)
    harmless = with_words(LETTERS[occasion], "Ada", "We were slow.")
    assert letter.subject == harmless.subject
    assert ours(letter) == ours(harmless)
    assert parse_blocks(letter.text)[1] == Block(BlockKind.PARAGRAPH, (f"Dear {single_line(name)}",))
    assert len(quotations(letter)) == len(quotations(harmless))
    expected = tuple(clean(each) for each in words.strip().splitlines())
    assert all(block.lines[: len(expected)] == expected for block in quotations(letter))
    assert all("\n" not in each and "\r" not in each for each in letter.to)


@pytest.mark.parametrize("occasion", LETTERS)
@given(name=WORDS, words=WORDS)
@settings(max_examples=40, deadline=None)
def test_html_has_our_elements_only_and_says_what_the_text_says(occasion: str, name: str, words: str) -> None:
    letter = with_words(LETTERS[occasion], name, words)
    page = Page(render_html(letter))
    assert page.elements <= ELEMENTS
    assert page.attributes == Page(render_html(with_words(LETTERS[occasion], "Ada", "We were slow."))).attributes
    assert page.said_by("title") == page.said_by("h1") == [letter.subject]
    assert page.lines == [each.strip() for each in render_text(letter).split("\n") if each.strip()]


@given(name=WORDS, words=WORDS)
@settings(max_examples=40, deadline=None)
def test_a_pdf_is_made_of_whatever_people_write_and_has_their_words(name: str, words: str) -> None:
    letter = with_words(LETTERS["reply"], name, words)
    read = pdf_text(render_pdf(letter).content)
    assert read.count(FOUND) >= 2 * (len(quotations(letter)) + 2)
    for block in ours(letter):
        assert all(without_spaces(each) in read for each in block.lines)


@pytest.mark.parametrize("evil", [text for text in EVIL if text.isascii() and text.isprintable()])
def test_what_looks_like_markup_is_printed_as_it_was_written(evil: str) -> None:
    letter = with_words(LETTERS["reply"], "Ada", f"{FOUND} {evil}")
    assert without_spaces(f"{FOUND} {evil}") in pdf_text(render_pdf(letter).content)
    assert any(without_spaces(f"{FOUND} {evil}") in without_spaces(each) for each in Page(render_html(letter)).lines)
