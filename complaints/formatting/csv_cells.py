"""Write CSV cells that no spreadsheet runs as formulas."""

import re
from collections.abc import Iterable

_FORMULA = re.compile(r"[\s\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n]")
"""The start of a cell that a spreadsheet may run, also after white space and in full-width characters."""
_NUMBER = re.compile(r"[+-]?\d+(\.\d+)?")


def csv_cells(values: Iterable[object]) -> list[object]:
    """Put an apostrophe before each text that a spreadsheet may run. Numbers stay numbers."""
    return [f"'{each}" if isinstance(each, str) and _may_run(each) else each for each in values]


def _may_run(text: str) -> bool:
    return _FORMULA.match(text) is not None and not _NUMBER.fullmatch(text)
