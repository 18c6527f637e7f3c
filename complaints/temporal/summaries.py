"""Shorten summaries for Temporal's page to what the server takes."""

from pydantic_core import to_json

MAX_SUMMARY_BYTES = 400
"""As JSON. The server refuses a workflow with a longer one, and a workflow task with a longer one of a timer."""


def fit_summary(text: str) -> str:
    """Return the text, or as much of its beginning as the server takes."""
    if len(to_json(text)) <= MAX_SUMMARY_BYTES:
        return text
    while len(to_json(f"{text}…")) > MAX_SUMMARY_BYTES:
        text = text[:-1]
    return f"{text}…"
