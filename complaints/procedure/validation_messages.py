"""Every mistake in somebody's input, each with the field's name and what would be right."""

from pydantic import ValidationError
from pydantic_core import ErrorDetails


def _place(location: tuple[int | str, ...]) -> str:
    """`concerns[2].aspect`: items are counted from 1, as people do."""
    place = ""
    for part in location:
        if isinstance(part, int):
            place += f"[{part + 1}]"
        else:
            place += f".{part}" if place else part
    return place


DAY = "give a date such as 2026-12-09"
INSTANT = "give an instant with an offset, such as 2026-12-09T10:00Z"
SAID_BETTER = {
    "missing": "is needed",
    "extra_forbidden": "there is no such field",
    "timezone_aware": "give an offset too, as in 2026-12-09T10:00Z",
    "string_too_short": "must not be empty",
    "model_type": "give an object",
    "string_type": "give a text",
    "string_unicode": "give a text in UTF-8",
    "int_parsing": "give a whole number",
    "date_parsing": DAY,
    "date_from_datetime_parsing": DAY,
    "date_from_datetime_inexact": DAY,
    "datetime_parsing": INSTANT,
    "datetime_from_date_parsing": INSTANT,
}
"""What is said instead of pydantic's own words, by the type of the mistake."""


def validation_errors(error: ValidationError, *, for_sender: bool = True) -> list[str]:
    """One line for each mistake: `field: what would be right`. Tells no value that was given: it may be personal.

    What is not only for the sender names no field of which we know nothing either: anything may stand there.
    """
    errors = error.errors(include_url=False, include_input=False)
    lines = []
    for mistake in errors:
        if mistake["type"] == "too_short" and any(_is_within(other, mistake) for other in errors):
            continue  # pydantic counts only the items in which nothing is wrong
        location = mistake["loc"]
        if mistake["type"] == "extra_forbidden" and not for_sender:
            location = (*location[:-1], "surplus field")
        place, what = _place(location), _said(mistake)
        lines.append(f"{place}: {what}" if place else what)
    return lines


def _is_within(mistake: ErrorDetails, outer: ErrorDetails) -> bool:
    depth = len(outer["loc"])
    return len(mistake["loc"]) > depth and mistake["loc"][:depth] == outer["loc"]


def _said(mistake: ErrorDetails) -> str:
    if mistake["type"] in ("enum", "literal_error"):
        return f"give {mistake['ctx']['expected'].replace(chr(39), '')}"
    return SAID_BETTER.get(mistake["type"]) or mistake["msg"].removeprefix("Value error, ")
