"""Hostile free text changes neither a letter's subject nor its parts nor its markup."""

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
from tests.letters.parse_letter import HtmlLetter, pdf_text, without_spaces
from tests.letters.render_letter import SENDER, TEMPLATES, facts_for
from tests.letters.reviews import recommendation_answered, review_declined
from tests.letters.stories import ALL_REMEDIES, extended, manager_replied, settled
from tests.letters.test_layout import ELEMENTS
from tests.procedure.builders import ACTION, opened

HOSTILE_TEXTS = [
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
HOSTILE_TEXT = st.lists(st.one_of(st.sampled_from(HOSTILE_TEXTS), st.text(max_size=20)), max_size=6).map("".join)
MARKER = "Wr1tten"
"""Text before and after the hostile part, which must arrive."""
MARKED_TEXT = HOSTILE_TEXT.map(lambda text: f"{MARKER} {text} {MARKER}")

LETTERS: dict[str, AnyFacts] = {
    "reply": facts_for(manager_replied(reply=ALL_REMEDIES), "reply"),
    "more_time": facts_for(extended(), "more_time"),
    "settlement": facts_for(settled(), "settlement"),
    "signpost": facts_for(opened(aspects=["outcome"]), "signpost"),
    "review_declined": facts_for(review_declined("enquiry_only"), "review_declined"),
    "recommendation_answered": facts_for(
        recommendation_answered(1, ACTION, accepted=False, reason="No."), "recommendation_answered"
    ),
}


def compose_with(facts: AnyFacts, name: str, text: str) -> ComposedLetter:
    """Return the letter with nothing but this as free text; no form or act has refused it."""
    values: dict[str, Any] = facts.model_dump() | {"name": name, "address": tuple(text.split("\n"))}
    for field in ("findings", "explanation", "reason"):
        if field in values:
            values[field] = text
    if "concerns" in values:
        values["concerns"] = (text, text)
    if values.get("put_right"):
        values["put_right"] = text
    for remedy in [*values.get("remedies", ()), *filter(None, [values.get("recommended")])]:
        remedy["what"] = remedy["what"] and text
    return TEMPLATES.compose(type(facts).model_validate(values), SENDER)


FREE_TEXT_BLOCKS = (BlockKind.QUOTE, BlockKind.OWN_TEXT)


def product_blocks(letter: ComposedLetter) -> list[Block]:
    """Return the blocks without free text, except the greeting."""
    return [
        block
        for block in parse_blocks(letter.text)
        if block.kind not in FREE_TEXT_BLOCKS and not block.lines[0].startswith("Dear")
    ]


def free_text_blocks(letter: ComposedLetter) -> list[Block]:
    return [block for block in parse_blocks(letter.text) if block.kind in FREE_TEXT_BLOCKS]


@pytest.mark.parametrize("occasion", LETTERS)
@given(name=MARKED_TEXT, text=MARKED_TEXT)
@settings(max_examples=40, deadline=None)
def test_hostile_text_does_not_become_part_of_the_letter(occasion: str, name: str, text: str) -> None:
    letter = compose_with(LETTERS[occasion], name, text)
    harmless = compose_with(LETTERS[occasion], "Ada", "We were slow.")
    assert letter.subject == harmless.subject
    assert product_blocks(letter) == product_blocks(harmless)
    assert parse_blocks(letter.text)[1] == Block(BlockKind.PARAGRAPH, (f"Dear {single_line(name)}",))
    assert len(free_text_blocks(letter)) == len(free_text_blocks(harmless))
    expected = tuple(clean(each) for each in text.strip().splitlines())
    assert all(block.lines[: len(expected)] == expected for block in free_text_blocks(letter))
    assert all("\n" not in each and "\r" not in each for each in letter.to)


DIRECTIONS = {(element, "dir", direction) for element in ("p", "li", "blockquote") for direction in ("ltr", "rtl")}


@pytest.mark.parametrize("occasion", LETTERS)
@given(name=MARKED_TEXT, text=MARKED_TEXT)
@settings(max_examples=40, deadline=None)
def test_html_has_allowed_elements_only_and_the_same_text(occasion: str, name: str, text: str) -> None:
    letter = compose_with(LETTERS[occasion], name, text)
    page = HtmlLetter(render_html(letter))
    assert page.elements <= ELEMENTS
    plain = HtmlLetter(render_html(compose_with(LETTERS[occasion], "Ada", "We were slow.")))
    assert page.attributes - DIRECTIONS == plain.attributes - DIRECTIONS
    assert page.texts_of("title") == page.texts_of("h1") == [letter.subject]
    assert page.lines == [each.strip() for each in render_text(letter).split("\n") if each.strip()]


@given(name=MARKED_TEXT, text=MARKED_TEXT)
@settings(max_examples=40, deadline=None)
def test_a_pdf_of_hostile_text_holds_that_text(name: str, text: str) -> None:
    letter = compose_with(LETTERS["reply"], name, text)
    read = pdf_text(render_pdf(letter).content)
    assert read.count(MARKER) >= 2 * (len(free_text_blocks(letter)) + 2)
    for block in product_blocks(letter):
        assert all(without_spaces(each) in read for each in block.lines)


@pytest.mark.parametrize("hostile_text", [text for text in HOSTILE_TEXTS if text.isascii() and text.isprintable()])
def test_text_that_looks_like_markup_is_printed_unchanged(hostile_text: str) -> None:
    letter = compose_with(LETTERS["reply"], "Ada", f"{MARKER} {hostile_text}")
    assert without_spaces(f"{MARKER} {hostile_text}") in pdf_text(render_pdf(letter).content)
    assert any(
        without_spaces(f"{MARKER} {hostile_text}") in without_spaces(each)
        for each in HtmlLetter(render_html(letter)).lines
    )
