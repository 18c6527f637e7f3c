"""Payloads are compressed and come back; no compressed payload can do harm."""

import tracemalloc
import zlib
from collections.abc import Mapping

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload

from complaints.encryption.compression import COMPRESSED_FROM_BYTES, MAX_BYTES, MAX_RATIO, ZLIB, compress, decompress
from complaints.encryption.converter import PLAIN_DATA_CONVERTER

METADATA = st.dictionaries(st.sampled_from(("encoding", "messageType", "other")), st.binary(max_size=20))
REPETITIVE = st.tuples(st.binary(min_size=1, max_size=50), st.integers(1, 2_000)).map(lambda pair: pair[0] * pair[1])
DATA = st.one_of(st.binary(max_size=3_000), REPETITIVE)


def zipped(content: bytes) -> Payload:
    return Payload(metadata={"encoding": ZLIB}, data=content)


BOMB = zlib.compress(bytes(200 * MAX_BYTES))
WELL_FORMED = zlib.compress(Payload(metadata={"encoding": b"json/plain"}, data=b"1").SerializeToString())
HOSTILE: Mapping[str, bytes] = {
    "nothing": b"",
    "garbage": b"no zlib at all",
    "truncated": WELL_FORMED[:-5],
    "a payload of garbage": zlib.compress(b"no payload at all"),
    "a bomb": BOMB,
    "a bomb in a bomb": zlib.compress(zipped(BOMB[:1_000]).SerializeToString()),
    "compressed twice": zlib.compress(zipped(WELL_FORMED).SerializeToString()),
}


@given(METADATA, DATA)
@example({"encoding": b"json/plain"}, b"x" * (MAX_BYTES + 1))
@example({"encoding": b"json/plain"}, bytes(range(256)) * 100)
def test_a_payload_comes_back_as_it_was(metadata: dict[str, bytes], data: bytes) -> None:
    payload = Payload(metadata=metadata, data=data)
    if metadata.get("encoding") != ZLIB:
        assert decompress(compress(payload)) == payload


@given(st.one_of(DATA, DATA.map(zlib.compress)))
def test_no_compressed_payload_fails_or_grows_beyond_its_limit(content: bytes) -> None:
    decoded = decompress(zipped(content))
    assert decoded.ByteSize() <= max(zipped(content).ByteSize(), MAX_RATIO * len(content) + 1)


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_payload_stays_undecodable_and_takes_little_memory(content: bytes) -> None:
    tracemalloc.start()
    decoded = decompress(zipped(content))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 3 * MAX_BYTES
    with pytest.raises(Exception, match="encoding"):
        PLAIN_DATA_CONVERTER.payload_converter.from_payload(decoded)


def test_only_larger_payloads_are_compressed() -> None:
    words = [f"word {number}" for number in range(200)]
    [small, large] = map(compress, PLAIN_DATA_CONVERTER.payload_converter.to_payloads([words[:50], words]))
    assert small.ByteSize() < COMPRESSED_FROM_BYTES
    assert (small.metadata["encoding"], large.metadata["encoding"]) == (b"json/plain", ZLIB)
