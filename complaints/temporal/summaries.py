"""Summaries for Temporal's page: short enough for the server, impersonal, and not encrypted."""

from typing import Any

from pydantic_core import from_json, to_json
from temporalio.api.common.v1 import Payload
from temporalio.converter import EncodingPayloadConverter

MAX_SUMMARY_BYTES = 400
"""As JSON. The server refuses a workflow with a longer one, and a workflow task with a longer one of a timer."""
ENCODING, SUMMARY, JSON = "encoding", b"json/summary", b"json/plain"


class Summary(str):
    """A text that everybody who reaches Temporal may read."""

    __slots__ = ()


def fit_summary(text: str) -> Summary:
    """Return the text, or as much of its beginning as the server takes."""
    if len(to_json(text)) <= MAX_SUMMARY_BYTES:
        return Summary(text)
    while len(to_json(f"{text}…")) > MAX_SUMMARY_BYTES:
        text = text[:-1]
    return Summary(f"{text}…")


class SummaryPayloadConverter(EncodingPayloadConverter):
    """Mark summaries for the codec, which does not encrypt them."""

    @property
    def encoding(self) -> str:
        return SUMMARY.decode()

    def to_payload(self, value: Any) -> Payload | None:
        if not isinstance(value, Summary):
            return None
        return Payload(metadata={ENCODING: SUMMARY}, data=to_json(str(value)))

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:  # noqa: ARG002 (Temporal's)
        return from_json(payload.data)


def as_readable(payload: Payload) -> Payload | None:
    """Return a summary as Temporal's page reads it; None: the payload is no summary."""
    if payload.metadata.get(ENCODING) != SUMMARY:
        return None
    return Payload(metadata={ENCODING: JSON}, data=payload.data)
