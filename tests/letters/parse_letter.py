"""Parse rendered letters as a mail program, a screen reader or a reader of the page does."""

import io
import re
from html.parser import HTMLParser
from typing import NamedTuple

from pypdf import PdfReader

WITHOUT_END = {"meta", "br"}
TEXT_ELEMENTS = {"title", "h1", "h2", "p", "li"}


class HtmlLetter(HTMLParser):
    """The elements of an HTML letter, their attributes and texts."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.attributes: set[tuple[str, str, str | None]] = set()
        self.elements: set[str] = set()
        self.texts: list[tuple[str, str]] = []
        """Each text element with its text. `<br>` begins a line."""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open, f"not closed: {self._open}"

    def texts_of(self, element: str) -> list[str]:
        return [text for name, text in self.texts if name == element]

    @property
    def lines(self) -> list[str]:
        """Return the text line by line, without title, heading and empty lines."""
        body = [f"- {text}" if name == "li" else text for name, text in self.texts if name not in ("title", "h1")]
        return [line.strip() for text in body for line in text.split("\n") if line.strip()]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.add(tag)
        self.attributes |= {(tag, name, value) for name, value in attrs}
        if tag in TEXT_ELEMENTS:
            self.texts.append((tag, ""))
        if tag not in WITHOUT_END:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] in TEXT_ELEMENTS:
            name, text = self.texts[-1]
            self.texts[-1] = (name, text + data)
        else:
            assert not data.strip() or self._open[-1] == "style", f"text outside of any paragraph: {data}"


class PrintedLine(NamedTuple):
    """A line of a page; its baseline begins at millimetres from the left and from the top."""

    text: str
    left: float
    down: float


def first_page_lines(pdf: bytes) -> list[PrintedLine]:
    page = PdfReader(io.BytesIO(pdf)).pages[0]
    lines: list[PrintedLine] = []

    def visit(text: str, current: list[float], matrix: list[float], font: object, size: float) -> None:
        x = current[0] * matrix[4] + current[2] * matrix[5] + current[4]
        y = current[1] * matrix[4] + current[3] * matrix[5] + current[5]
        if text.strip():
            lines.append(PrintedLine(text.strip(), _mm(x), _mm(float(page.mediabox.height) - y)))

    page.extract_text(visitor_text=visit)
    return lines


def _mm(points: float) -> float:
    return round(points / 72 * 25.4, 1)


def pdf_text(pdf: bytes) -> str:
    """Return all that can be read above its footers, without spaces and line ends."""
    pages = [without_spaces(page.extract_text()) for page in PdfReader(io.BytesIO(pdf)).pages]
    return "".join(re.sub(r"[A-Z]+-\d+Page\d+of\d+$", "", page) for page in pages)


def without_spaces(text: str) -> str:
    """Remove spaces, and the invisible places at which a long word may break."""
    return re.sub(r"[\s\u200b]+", "", text)
