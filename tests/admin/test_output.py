"""No text that others wrote can control a terminal, also not within JSON."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from admin.shared.output import CONTROLS, as_json, as_json_line, escape_controls, printable

HARMFUL = "\x1b[31m\x07\x7f\x9b\u061c\u200e\u200f\u2028\u2029\u202e\u2066\u2069"


@pytest.mark.parametrize("character", HARMFUL.replace("[31m", ""))
def test_control_and_direction_characters_are_neutralised(character: str) -> None:
    assert printable(f"a{character}b") == "a\N{REPLACEMENT CHARACTER}b"
    for text in (as_json({"text": character}), as_json_line({"text": character})):
        assert character not in text
        assert json.loads(text) == {"text": character}


@given(st.text())
def test_json_keeps_its_value(text: str) -> None:
    escaped = escape_controls(json.dumps([text], ensure_ascii=False))
    assert json.loads(escaped) == [text]
    assert not CONTROLS.search(escaped)
