"""Payloads that none of our services made: plain, of another complaint, or tampered with.

The codec never raises for one, because that would fail the workflow task of a complaint again and again. It replaces
the payload by one with the encoding `binary/foreign`, whatever it held.
"""

from dataclasses import dataclass
from typing import Any

from temporalio.api.common.v1 import Payload
from temporalio.converter import EncodingPayloadConverter

ENCODING = "encoding"
FOREIGN, JSON_PLAIN = b"binary/foreign", b"json/plain"
FOREIGN_FAILURE = "Foreign"
"""The type of the error that takes the place of a failure, or of a result, that a stranger made."""


@dataclass(frozen=True)
class ForeignValue:
    """What a foreign payload decodes to where anything is taken. It fits no model."""


class ForeignPayloadError(ValueError):
    """A foreign payload came where a value of a certain type is expected."""

    def __init__(self) -> None:
        super().__init__("it is not encrypted with a key of this complaint that the key store has")


def foreign_payload(query_argument: Payload | None = None) -> Payload:
    """Return the payload that takes the place of a foreign one.

    `query_argument`: what the codec server has encrypted. Only a query may take it.
    """
    return Payload(metadata={ENCODING: FOREIGN}, data=query_argument.SerializeToString() if query_argument else b"")


def is_foreign(payload: Payload) -> bool:
    return payload.metadata.get(ENCODING) == FOREIGN


class ForeignPayloadConverter(EncodingPayloadConverter):
    """Decode a foreign payload: to a ForeignValue where any type is taken, else to an error."""

    @property
    def encoding(self) -> str:
        return FOREIGN.decode()

    def to_payload(self, value: Any) -> Payload | None:
        return foreign_payload() if isinstance(value, ForeignValue) else None

    def from_payload(self, payload: Payload, type_hint: type | None = None) -> Any:  # noqa: ARG002 (Temporal's)
        """Return a ForeignValue. Raises ForeignPayloadError where a certain type is expected."""
        if type_hint in (None, Any, object):
            return ForeignValue()
        raise ForeignPayloadError
