"""Compress larger payloads, as Temporal's own convention has it: `encoding: binary/zlib`.

A payload that somebody else sent may be anything. One that cannot be decoded stays as it came, and its encoding is
then unknown to the payload converter: a signal is recorded as unreadable, an update is refused. Decoding never raises,
because that would fail the workflow task of a whole complaint, again and again.
"""

import zlib
from collections.abc import Sequence
from typing import Protocol

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload
from temporalio.converter import PayloadCodec

ENCODING = "encoding"
ZLIB = b"binary/zlib"
PROTOBUF = b"json/protobuf"
"""Of the details that Temporal's page queries. It reads them without a codec."""
COMPRESSED_FROM_BYTES = 1_000
"""Smaller ones (acts, answers, directory queries) would save 2 % of a history, for four times as many calls."""
MAX_BYTES = 4 * 1024 * 1024
"""As much as a message to Temporal may have."""
MAX_RATIO = 20
"""Of the sizes without and with compression: ours have up to 8. So a history cannot take memory without limit."""


class PayloadStep(Protocol):
    """One transformation of a payload. Neither direction raises, or changes its argument."""

    def encode(self, payload: Payload) -> Payload: ...

    def decode(self, payload: Payload) -> Payload: ...


class StepsCodec(PayloadCodec):
    """Apply steps to each payload: in order when it leaves, in reverse order when it arrives."""

    def __init__(self, *steps: PayloadStep) -> None:
        self._steps = steps

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self.encode_payload(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return [self.decode_payload(payload) for payload in payloads]

    def encode_payload(self, payload: Payload) -> Payload:
        for step in self._steps:
            payload = step.encode(payload)
        return payload

    def decode_payload(self, payload: Payload) -> Payload:
        for step in reversed(self._steps):
            payload = step.decode(payload)
        return payload


class Compression:
    """Put a whole larger payload, with its metadata, into a compressed one."""

    def encode(self, payload: Payload) -> Payload:
        size = payload.ByteSize()
        if not COMPRESSED_FROM_BYTES <= size <= MAX_BYTES or payload.metadata.get(ENCODING) == PROTOBUF:
            return payload
        data = zlib.compress(payload.SerializeToString())
        if not size / MAX_RATIO <= len(data) < size:
            return payload
        return Payload(metadata={ENCODING: ZLIB}, data=data)

    def decode(self, payload: Payload) -> Payload:
        if payload.metadata.get(ENCODING) != ZLIB:
            return payload
        most = min(MAX_BYTES, MAX_RATIO * len(payload.data))
        decompressor = zlib.decompressobj()
        try:
            data = decompressor.decompress(payload.data, most + 1)  # one more, so that the end is read, too
            return Payload.FromString(data) if decompressor.eof else payload
        except (zlib.error, DecodeError):
            return payload
