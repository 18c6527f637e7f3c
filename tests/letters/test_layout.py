"""A letter as text, HTML and PDF: the contents are the same."""

import io
from typing import Any

import pytest
from pypdf import PdfReader

from complaints.letters.html import render_html
from complaints.letters.pdf import render_pdf
from complaints.letters.text import render_text
from tests.letters.letter_cases import LETTERS
from tests.letters.parse_letter import HtmlLetter, first_page_lines, pdf_text, without_spaces
from tests.letters.render_letter import compose_letter
from tests.letters.stories import ALL_REMEDIES, manager_replied, settled
from tests.procedure.builders import OPEN, POST, opened

ELEMENTS = {"html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "br", "ul", "li", "blockquote"}


@pytest.mark.parametrize("name", LETTERS)
def test_html_and_pdf_have_the_same_text_as_the_plain_letter(name: str) -> None:
    occasion, story = LETTERS[name]
    letter = compose_letter(story(), occasion)
    lines = [line.strip() for line in render_text(letter).splitlines() if line.strip()]
    page = HtmlLetter(render_html(letter))
    assert page.lines == lines
    assert page.texts_of("title") == page.texts_of("h1") == [letter.subject]
    printed = render_pdf(letter)
    assert printed.is_complete
    read = pdf_text(printed.content)
    assert [line for line in lines if without_spaces(line.removeprefix("- ")) not in read] == []


def test_html_fetches_nothing_and_names_its_language() -> None:
    reply, signpost = (
        compose_letter(manager_replied(reply=ALL_REMEDIES), "reply"),
        compose_letter(opened(aspects=["outcome"]), "signpost"),
    )
    pages = [HtmlLetter(render_html(letter)) for letter in (reply, signpost)]
    assert pages[0].elements | pages[1].elements == ELEMENTS
    for page in pages:
        assert ("html", "lang", "en-GB") in page.attributes
        assert {name for _, name, _ in page.attributes} == {"lang", "charset", "name", "content", "dir"}


def test_a_pdf_has_tags_a_date_a_language_and_a_title() -> None:
    letter = compose_letter(manager_replied(), "reply")
    reader = PdfReader(io.BytesIO(render_pdf(letter).content))
    root: dict[str, Any] = dict(reader.root_object)
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "en-GB"
    assert reader.metadata
    assert reader.metadata.title == letter.subject
    assert reader.metadata.creation_date
    assert reader.metadata.creation_date.date() == letter.sent_on
    [width, height] = reader.pages[0].mediabox[2:]
    assert (round(width), round(height)) == (595, 842)


def test_the_close_of_a_letter_is_on_the_same_page_as_the_contact_details() -> None:
    pages = PdfReader(
        io.BytesIO(render_pdf(compose_letter(settled(complainant=POST, case=OPEN), "settlement")).content)
    ).pages
    last = without_spaces(pages[-1].extract_text())
    assert len(pages) == 2
    assert "Howtocontactus" in last
    assert "Yourssincerely" in last


def test_staffs_text_is_no_quotation_and_is_indented_under_its_list_item() -> None:
    reply = compose_letter(manager_replied(reply=ALL_REMEDIES), "reply")
    assert "\n\nWe were slow.\n\n" in render_text(reply)
    assert "we will do this:\n\n  Send the file.\n\n- We will pay" in render_text(reply)
    assert "blockquote>" not in render_html(reply)
    lefts = {line.text: line.left for line in first_page_lines(render_pdf(reply).content)}
    assert lefts["We were slow."] == 25
    assert lefts["Send the file."] > lefts["We were slow."]


def test_the_same_letter_is_the_same_pdf() -> None:
    letter = compose_letter(manager_replied(), "reply")
    assert render_pdf(letter) == render_pdf(letter)


def test_an_envelopes_window_shows_the_whole_address_and_nothing_else() -> None:
    """DL: always 57 to 81 mm from the top, and 46 to 92 mm at most, as the sheet slides in it."""
    address = "Flat 2\n1 High Street\nHeadingley\nLeeds\nLS6 1AA"
    letter = compose_letter(manager_replied(reply=ALL_REMEDIES, complainant={"address": address}), "reply")
    lines = first_page_lines(render_pdf(letter).content)
    assert letter.to == ("Ada Smith", *address.split("\n"))
    assert tuple(line.text for line in lines if 46 <= line.down <= 95 and line.left <= 110) == letter.to
    assert tuple(line.text for line in lines if 59 <= line.down <= 81 and line.left == 25) == letter.to


def test_a_word_longer_than_a_line_does_not_run_off_the_page() -> None:
    link = "https://example.org/" + "a" * 200
    pdf = render_pdf(
        compose_letter(manager_replied(reply={"findings": link}, complainant={"name": "W" * 100}), "reply")
    ).content
    assert link in pdf_text(pdf)
    lines = [line.text for line in first_page_lines(pdf)]
    assert all(len(line) <= 100 for line in lines)
    assert "W" * 100 in without_spaces("".join(lines))


def test_a_letter_with_characters_without_a_font_is_printed_and_marked_incomplete() -> None:
    printed = render_pdf(compose_letter(manager_replied(complainant={"name": "王小明 Wang"}), "reply"))
    assert not printed.is_complete
    assert "Wang" in pdf_text(printed.content)


@pytest.mark.parametrize("unseen", ["\ufeff", "\ufffe", "\x1b", "\u202e", "\u2028", "\u00ad"])
def test_a_character_that_nobody_sees_holds_no_letter(unseen: str) -> None:
    findings = f"{unseen}We were{unseen} slow."
    printed = render_pdf(compose_letter(manager_replied(reply={"findings": findings}), "reply"))
    assert printed.is_complete
    assert "slow." in pdf_text(printed.content)
