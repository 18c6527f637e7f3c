"""Letters in large print (R9): 16 points, sans serif."""

import io
import re

import pytest
from pypdf import PdfReader

from complaints.letters.html import render_html
from complaints.letters.pdf import render_pdf
from complaints.letters.templates import ComposedLetter, Templates
from complaints.letters.text import render_text
from complaints.procedure.acts import ChangeContact, LetterHeld
from tests.letters.letter_cases import LETTERS
from tests.letters.parse_letter import HtmlLetter, first_page_lines, pdf_text, without_spaces
from tests.letters.render_letter import SENDER, compose_letter
from tests.letters.stories import ALL_REMEDIES, manager_replied
from tests.procedure.builders import INTAKE, Story

LARGE_PRINT = {"large_print": True}


def font_sizes(letter: ComposedLetter) -> dict[str, float]:
    """Return the size of each printed text, which is in a sans serif."""
    sizes: dict[str, float] = {}

    def visit(text: str, current: object, matrix: list[float], font: dict[str, str] | None, size: float) -> None:
        if font and text.strip():
            assert "DejaVuSans" in font["/BaseFont"]
            sizes[text.strip()] = size

    for page in PdfReader(io.BytesIO(render_pdf(letter).content)).pages:
        page.extract_text(visitor_text=visit)
    return sizes


def replied_to(**complainant: object) -> Story:
    return manager_replied(reply=ALL_REMEDIES, complainant=complainant)


def test_a_letter_is_printed_in_12_points() -> None:
    letter = compose_letter(manager_replied(), "reply")
    assert font_sizes(letter)["We were slow."] == 12
    assert "16pt" not in render_html(letter)


@pytest.mark.parametrize("name", ["reply, upheld", "acknowledged by a manager, mixed", "opinion, unsatisfactory"])
def test_every_text_of_a_letter_in_large_print_has_16_points(name: str) -> None:
    occasion, story = LETTERS[name]
    letter = compose_letter(story(), occasion)
    large = letter.model_copy(update={"large_print": True})
    sizes = font_sizes(large)
    assert min(sizes.values()) == 16
    assert len(sizes) > len(letter.to)
    read = pdf_text(render_pdf(large).content)
    lines = [without_spaces(line.removeprefix("- ")) for line in render_text(large).splitlines()]
    assert [line for line in lines if line not in read] == []


def test_large_print_of_an_email_has_16_points() -> None:
    page = render_html(compose_letter(replied_to(needs=LARGE_PRINT), "reply"))
    sizes = [int(size) for size in re.findall(r"font-size:([0-9]+)pt", page)]
    assert min(sizes) == 16
    assert HtmlLetter(page).texts_of("h1")


def test_a_need_stated_later_counts_for_the_next_letter_and_for_a_held_one() -> None:
    story = replied_to(prefers="post")
    number = story.events("letter")[-1].sequence
    assert not compose_letter(story, "reply").large_print
    story.does(LetterHeld, letter=number, reason="It came back.")
    story.does(ChangeContact, INTAKE, address="2 Low Street, York", needs=LARGE_PRINT)
    again = compose_letter(story, "reply", story.now)
    assert again.to == ("Ada Smith", "2 Low Street", "York")
    assert font_sizes(again)["We were slow."] == 16
    story.does(ChangeContact, INTAKE, needs={})
    assert font_sizes(compose_letter(story, "reply", story.now))["We were slow."] == 12


def test_an_address_in_large_print_is_as_large_as_the_envelopes_window_allows() -> None:
    short, long = "1 High Street\nLeeds", "Flat 2\n1 High Street\nHeadingley\nLeeds\nLS6 1AA"
    for address, size in ((short, 16), (long, 10.5), (f"{'W' * 60}\nLeeds", 10.5)):
        letter = compose_letter(replied_to(prefers="post", address=address, needs=LARGE_PRINT), "reply")
        assert font_sizes(letter)[letter.to[0]] == size
        lines = first_page_lines(render_pdf(letter).content)
        window = [line.text for line in lines if 46 <= line.down <= 95 and line.left <= 110]
        assert without_spaces("".join(window)) == without_spaces("".join(letter.to))
        assert all(59 <= line.down <= 81 for line in lines if line.text in letter.to)


def test_a_long_letterhead_pushes_a_letter_down() -> None:
    address = tuple(f"Department {number}" for number in range(8))
    facts = compose_letter(replied_to(needs=LARGE_PRINT), "reply")
    letter = facts.model_copy(update={"sender": SENDER.model_copy(update={"address": address})})
    lines = {line.text: line.down for line in first_page_lines(render_pdf(letter).content)}
    assert lines["0800 023 4567"] < lines["Thursday 5 March 2026"]


def test_a_letter_in_large_print_does_not_offer_large_print() -> None:
    offer = "large print"
    assert offer in render_text(compose_letter(replied_to(), "reply"))
    assert offer not in render_text(compose_letter(replied_to(needs=LARGE_PRINT), "reply"))
    Templates().check()
