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


def mistakes_in(error: ValidationError) -> list[str]:
    """One line for each mistake: `field: what would be right`. Tells no value that was given: it may be personal."""
    lines = []
    for mistake in error.errors(include_url=False, include_input=False):
        what = mistake["msg"].removeprefix("Value error, ")
        place = _place(mistake["loc"])
        lines.append(f"{place}: {what}" if place else what)
    return lines
