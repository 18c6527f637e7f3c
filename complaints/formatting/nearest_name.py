"""Find the known name that somebody probably meant."""

from collections.abc import Iterable
from difflib import get_close_matches


def nearest_name(value: object, known: Iterable[str]) -> str | None:
    """Return the known name nearest to a misspelt one, ignoring case; None if none is near."""
    by_lower_case = {name.lower(): name for name in known}
    near = get_close_matches(value.lower(), by_lower_case, n=1) if isinstance(value, str) else []
    return by_lower_case[near[0]] if near else None
