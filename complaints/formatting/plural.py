"""Numbers of things, as people write them."""


def plural(figure: int, one: str, many: str | None = None) -> str:
    """`1 complaint`, `2 complaints`."""
    return f"{figure:,} {one if figure == 1 else many or f'{one}s'}"
