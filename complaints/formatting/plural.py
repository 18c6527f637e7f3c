"""Numbers of things, in the singular or the plural."""


def plural(number: int, one: str, many: str | None = None) -> str:
    """Write a number of things: `1 complaint`, `2 complaints`."""
    return f"{number:,} {one if number == 1 else many or f'{one}s'}"
