"""Read a whole number from an option. An error is added to `errors`."""

import re

_DIGITS = re.compile(r"[0-9]{1,18}")


def read_number(
    option: str, text: str | None, errors: list[str], lowest: int, highest: int, expected: str | None = None
) -> int | None:
    """Return the number from `lowest` to `highest`, else None.

    `expected` says what to give instead, where the range alone does not.
    """
    if text is None:
        return None
    if _DIGITS.fullmatch(text) and lowest <= int(text) <= highest:
        return int(text)
    expected = expected or f"a whole number from {lowest:,} to {highest:,}"
    errors.append(f"{option}: give {expected}")
    return None
