"""The language of code and documents: words that we do not use, and how long lines are."""

import ast
import re
from pathlib import Path

from tests.house.sources import EVERYTHING, documents, name_of, python_files

RETIRED = (
    *("told", "tells", "whoever", "whom", "stands", "beside", "by itself", "afresh", "for ever", "anew", "whence"),
    *(
        "reckon",
        "reckons",
        "reckoned",
        "reckoning",
        "mend",
        "mends",
        "mended",
        "befell",
        "wherein",
        "amiss",
        "farewell",
    ),
)
"""Words of the project's first documents that readers had to translate. Letters to complainants may use them."""
RETIRED_WORD = re.compile(
    rf"(?<![a-z])(?<!opinion_)(?<!You )(?!told_(?:case_handler_)?on\b)({'|'.join(RETIRED)})(?![a-z])", re.IGNORECASE
)
"""Exceptions are interfaces: the form's `told_case_handler_on`, the letters' `told_on`, the code `opinion_stands`."""
MAX_SUMMARY = 90
MAX_DOCUMENT_LINE = 100
WITH_DOCSTRINGS = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


def test_no_retired_word_is_used_in_code_or_documents() -> None:
    files = [file for file in (*python_files(EVERYTHING), *documents()) if file != Path(__file__)]
    assert [found for file in files for found in _retired_in(file)] == []


def _retired_in(file: Path) -> list[str]:
    lines = enumerate(file.read_text("utf-8").splitlines(), 1)
    return [f"{name_of(file)}:{number}: {found[1]}" for number, line in lines for found in RETIRED_WORD.finditer(line)]


def test_a_docstrings_first_line_has_at_most_90_characters() -> None:
    long = [
        f"{name_of(file)}: {summary}"
        for file in python_files(EVERYTHING)
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, WITH_DOCSTRINGS)
        and len(summary := (ast.get_docstring(node) or "").partition("\n")[0]) > MAX_SUMMARY
    ]
    assert long == []


def test_a_documents_line_has_at_most_100_characters_unless_it_cannot_wrap() -> None:
    long = [
        f"{name_of(file)}:{number}"
        for file in documents()
        for number, line in enumerate(file.read_text("utf-8").splitlines(), 1)
        if len(line) > MAX_DOCUMENT_LINE and not _cannot_wrap(line)
    ]
    assert long == []


def _cannot_wrap(line: str) -> bool:
    """Whether a line is a row of a table, a picture, or one long word."""
    return line.startswith(("|", "![")) or " " not in line.strip()
