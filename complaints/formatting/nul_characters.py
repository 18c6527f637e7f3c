"""Replace the character NUL, which PostgreSQL cannot store."""

import re

_ESCAPED_NUL = re.compile(r"(?<!\\)((?:\\\\)*)\\u0000")


def replace_escaped_nul(text: str) -> str:
    """Replace each NUL in a text of JSON by U+FFFD."""
    return _ESCAPED_NUL.sub(r"\1\\ufffd", text) if "\\u0000" in text else text
