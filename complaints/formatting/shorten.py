"""Shorten a text to a number of characters."""


def shorten(text: str, most: int) -> str:
    """Return the text, or its beginning with an ellipsis; at most `most` characters."""
    return text if len(text) <= most else f"{text[: most - 1].rstrip()}…"
