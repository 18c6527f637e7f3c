"""Say that a name is unknown, and suggest the nearest known one."""

from collections.abc import Iterable

from complaints.formatting.nearest_name import nearest_name


def unknown_name(name: str, known: Iterable[str], remedy: str | None = None) -> str:
    """Say that there is no such name: `there is no m.huges; m.hughes?`.

    Where no known name is near, `remedy` follows; without one, all known names.
    """
    names = list(known)
    near = nearest_name(name, names)
    advice = f"{near}?" if near else remedy or f"give {_alternatives(names)}"
    return f"there is no {name if name.strip() and name.isprintable() else repr(name)}; {advice}"


def _alternatives(names: list[str]) -> str:
    """Write `a, b or c`."""
    return f"{', '.join(names[:-1])} or {names[-1]}" if len(names) > 1 else "".join(names)
