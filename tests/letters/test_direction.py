"""Free text that runs from right to left is set from the right, each paragraph for itself."""

import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from complaints.letters.html import render_html
from complaints.letters.markup import Direction, by_direction, direction_of, single_line
from complaints.letters.pdf import render_pdf
from complaints.letters.templates import ComposedLetter
from tests.letters.render_letter import compose_letter
from tests.letters.stories import manager_replied

HEBREW, ARABIC = "\u05e9\u05dc\u05d5\u05dd", "\u0645\u0631\u062d\u0628\u0627"
MIDDLE = 595 / 2
"""Points; half the width of A4."""


def letter_with(findings: str) -> ComposedLetter:
    return compose_letter(manager_replied(reply={"findings": findings}), "reply")


def left_edges(pdf: bytes) -> dict[str, float]:
    """Return where each piece of text begins, from the left in points."""
    edges: dict[str, float] = {}

    def visit(text: str, cm: list[float], tm: list[float], _font: object, _size: object) -> None:
        if text.strip():
            edges.setdefault(text.strip(), cm[4] + tm[4])

    for page in PdfReader(io.BytesIO(pdf)).pages:
        page.extract_text(visitor_text=visit)
    return edges


@pytest.mark.parametrize("word", [HEBREW, ARABIC])
def test_findings_are_set_from_the_right_and_english_ones_between_them_from_the_left(word: str) -> None:
    letter = letter_with(f"{word}\n\nIn English.\n\n{word}")
    page = render_html(letter)
    assert f'<p dir="rtl">{word}</p>\n<p dir="ltr">In English.</p>\n<p dir="rtl">{word}</p>' in page
    edges = left_edges(render_pdf(letter).content)
    english = next(edge for text, edge in edges.items() if "In English" in text)
    others = [edge for text, edge in edges.items() if any(direction_of(character) == "rtl" for character in text)]
    assert english < MIDDLE
    assert others
    assert all(edge > MIDDLE for edge in others)


@pytest.mark.parametrize(
    ("text", "direction"),
    [
        (HEBREW, "rtl"),
        (ARABIC, "rtl"),
        ("1. (" + ARABIC, "rtl"),
        ("Ada " + ARABIC, "ltr"),
        ("123 ?!", None),
        ("", None),
        ("\u200f?", "rtl"),
        ("\u738b", "ltr"),
    ],
)
def test_the_first_letter_with_a_direction_decides(text: str, direction: str | None) -> None:
    assert direction_of(text) == direction


@given(st.lists(st.sampled_from([HEBREW, "English", "12", ""]), min_size=1, max_size=8))
def test_no_line_is_lost_and_no_two_groups_that_follow_run_the_same_way(lines: list[str]) -> None:
    groups = by_direction(lines)
    assert [line for group in groups for line in group.lines if line] == [line for line in lines if line]
    assert all(before.direction is not after.direction for before, after in pairwise(groups))
    assert {group.direction for group in groups} <= set(Direction)


@pytest.mark.parametrize("name", ["#", "##", "-", ">", "|", "- #"])
def test_a_name_of_marks_alone_is_kept_in_quotation_marks(name: str) -> None:
    assert single_line(name) == f"\u201c{name}\u201d"
