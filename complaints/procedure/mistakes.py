"""Every mistake in somebody's input, each with the field's name and what would be right."""

from pydantic import ValidationError


def _place(location: tuple[int | str, ...]) -> str:
    """`concerns[2].aspect`: items are counted from 1, as people do."""
    place = ""
    for part in location:
        if isinstance(part, int):
            place += f"[{part + 1}]"
        else:
            place += f".{part}" if place else part
    return place


SAID_BETTER = {
    "missing": "is needed",
    "extra_forbidden": "there is no such field",
    "timezone_aware": "give an offset too, as in 2026-12-09T10:00Z",
    "string_too_short": "must not be empty",
}
"""What is said instead of pydantic's own words, by the type of the mistake."""


def mistakes_in(error: ValidationError) -> list[str]:
    """One line for each mistake: `field: what would be right`. Tells no value that was given: it may be personal."""
    lines = []
    for mistake in error.errors(include_url=False, include_input=False):
        what = SAID_BETTER.get(mistake["type"]) or mistake["msg"].removeprefix("Value error, ")
        place = _place(mistake["loc"])
        lines.append(f"{place}: {what}" if place else what)
    return lines
