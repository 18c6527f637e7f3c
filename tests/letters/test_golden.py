"""Compare every letter with its golden text."""

import pytest

from complaints.procedure.enums import Letter
from tests.letters.golden import FOLDER, golden_file, render_golden_text
from tests.letters.letter_cases import LETTERS


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_equals_its_golden_text(name: str) -> None:
    assert render_golden_text(name) == golden_file(name).read_text(encoding="utf-8")


def test_every_letter_has_a_golden_text_and_no_golden_text_is_stale() -> None:
    assert {occasion for occasion, _ in LETTERS.values()} == set(Letter)
    assert set(FOLDER.iterdir()) == {golden_file(name) for name in LETTERS}
