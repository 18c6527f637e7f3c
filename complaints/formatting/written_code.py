"""Recognise a code however it is written: in any case, with spaces, hyphens or underscores."""

import re
from collections.abc import Iterable


def known_name(text: str, known: Iterable[str]) -> str:
    """Return the known name that the text writes: `partly_upheld` for `Partly upheld`.

    A text that writes none of them stays as it is.
    """
    written = _fold(text)
    return next((str(name) for name in known if _fold(name) == written), text)


def as_code(text: str) -> str:
    """Write a text as a code: `Customer Complaints team` becomes `customer_complaints_team`."""
    return _fold(text)


def _fold(text: str) -> str:
    return re.sub(r"[\s_-]+", "_", text.strip()).lower()
