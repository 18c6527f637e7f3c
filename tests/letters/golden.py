"""The golden text of each letter; `python -m tests.letters.golden` writes all of them."""

from pathlib import Path

from complaints.letters.templates import ComposedLetter
from complaints.letters.text import render_text
from tests.letters.letter_cases import LETTERS
from tests.letters.render_letter import compose_letter

FOLDER = Path(__file__).with_name("golden")


def golden_file(name: str) -> Path:
    return FOLDER / f"{name.replace(',', '').replace(' ', '-')}.txt"


def golden_text(letter: ComposedLetter) -> str:
    return f"Subject: {letter.subject}\n\n{render_text(letter)}"


def render_golden_text(name: str) -> str:
    occasion, story = LETTERS[name]
    return golden_text(compose_letter(story(), occasion))


def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    for stale in set(FOLDER.iterdir()) - {golden_file(name) for name in LETTERS}:
        stale.unlink()
    for name in LETTERS:
        golden_file(name).write_text(render_golden_text(name), encoding="utf-8")


if __name__ == "__main__":
    main()
