"""Malformed signals: names and arguments."""

MALFORMED_SIGNALS: tuple[tuple[str, list[object]], ...] = (
    ("bogus", ["x"]),
    ("bogus", []),
    ("reply", []),
    ("reply", [1, 2]),
    ("reply", [None]),
    ("reply", [{"id": 1}]),
    ("reply", ["text"]),
    ("acknowledge", [{"id": "a", "by": "m", "surplus": 1}]),
    ("extend", [{"id": "a", "by": "m", "to": "2031-02-31", "explanation": ""}]),
    ("x" * 900, [{"deep": [[[[]]]]}]),
)
