"""A PDF takes every text that people can write."""

from datetime import date
from pathlib import Path

import pytest

from complaints.formatting.typst_pdf import compile_pdf


@pytest.mark.parametrize("text", ["a\ufeffb", "a\ufffeb", 'a"\\ufeff\\b', "a\x01b", "a\U0010ffffb", "a\u0301\u200db"])
def test_a_text_of_any_characters_is_compiled(tmp_path: Path, text: str) -> None:
    layout = tmp_path / "layout.typ"
    layout.write_text('#set document(title: "A title")\n#json(bytes(sys.inputs.at("text")))\n', encoding="utf-8")
    assert compile_pdf(layout, {"text": text}, date(2026, 11, 27)).content.startswith(b"%PDF-")
