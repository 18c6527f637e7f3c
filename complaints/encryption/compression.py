"""Compress larger payloads, before they are encrypted.

A payload that cannot be decompressed stays as it came, and its encoding is then unknown to the payload converter.
Decompressing never raises, because that would fail the workflow task of a whole complaint, again and again.
"""

import zlib

from google.protobuf.message import DecodeError
from temporalio.api.common.v1 import Payload

from complaints.encryption.foreign import ENCODING

ZLIB = b"binary/zlib"
COMPRESSED_FROM_BYTES = 1_000
"""Smaller ones (acts, answers, directory queries) would save 2 % of a history, for four times as many calls."""
MAX_BYTES = 4 * 1024 * 1024
"""As much as a message to Temporal may have."""
MAX_RATIO = 20
"""Of the sizes without and with compression: ours have up to 8. So a history cannot take memory without limit."""


def compress(payload: Payload) -> Payload:
    """Put a whole larger payload, with its metadata, into a compressed one."""
    size = payload.ByteSize()
    if not COMPRESSED_FROM_BYTES <= size <= MAX_BYTES:
        return payload
    data = zlib.compress(payload.SerializeToString())
    if not size / MAX_RATIO <= len(data) < size:
        return payload
    return Payload(metadata={ENCODING: ZLIB}, data=data)


def decompress(payload: Payload) -> Payload:
    if payload.metadata.get(ENCODING) != ZLIB:
        return payload
    most = min(MAX_BYTES, MAX_RATIO * len(payload.data))
    decompressor = zlib.decompressobj()
    try:
        data = decompressor.decompress(payload.data, most + 1)  # one more, so that the end is read, too
        return Payload.FromString(data) if decompressor.eof else payload
    except (zlib.error, DecodeError):
        return payload
