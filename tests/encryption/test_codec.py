"""Payloads are encrypted and come back; what a stranger makes of them is foreign."""

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from temporalio.api.common.v1 import Payload
from temporalio.converter import ActivitySerializationContext, WorkflowSerializationContext

from complaints.encryption.codec import (
    CIPHER,
    ENCRYPTED,
    KEY_ID,
    NONCE_BYTES,
    ActivityResultContext,
    EncryptionCodec,
)
from complaints.encryption.compression import ZLIB, compress
from complaints.encryption.converter import PLAIN_DATA_CONVERTER, data_converter
from complaints.encryption.data_keys import DataKey, KeyDestroyedError, KeysUnreachableError, new_key
from complaints.encryption.foreign import ENCODING, FOREIGN, ForeignPayloadError, ForeignValue, foreign_payload
from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.encryption.subjects import SERVICES, subject_of
from complaints.runtime.clock import now
from complaints.temporal.summaries import SUMMARY, fit_summary

NAMESPACE = "complaints"
SENTENCE = "Nobody rang me back."
PAYLOADS = st.builds(
    Payload,
    metadata=st.dictionaries(st.sampled_from(("encoding", "messageType", "other")), st.binary(max_size=20)),
    data=st.binary(max_size=3_000),
)


def codec_of(workflow_id: str, keys: InMemoryKeys | None = None, namespace: str = NAMESPACE) -> EncryptionCodec:
    context = WorkflowSerializationContext(namespace=namespace, workflow_id=workflow_id)
    return EncryptionCodec(keys or InMemoryKeys(), namespace).with_context(context)


async def encrypted(codec: EncryptionCodec, text: str = SENTENCE) -> Payload:
    [payload] = await codec.encode(PLAIN_DATA_CONVERTER.payload_converter.to_payloads([text]))
    return payload


async def decrypted(codec: EncryptionCodec, payload: Payload) -> Any:
    [decoded] = await codec.decode([payload])
    return PLAIN_DATA_CONVERTER.payload_converter.from_payload(decoded)


async def is_foreign(codec: EncryptionCodec, payload: Payload) -> bool:
    return await codec.decode([payload]) == [foreign_payload()]


@given(PAYLOADS)
async def test_a_payload_comes_back_as_it_was(payload: Payload) -> None:
    assume(payload.metadata.get(ENCODING) not in (ZLIB, SUMMARY))
    codec = codec_of("C-1")
    [encoded] = await codec.encode([payload])
    assert encoded.metadata[ENCODING] == ENCRYPTED
    assert await codec.decode([encoded]) == [payload]


async def test_equal_payloads_differ_and_tell_nothing_of_their_content() -> None:
    codec = codec_of("C-1")
    first, second = await encrypted(codec), await encrypted(codec)
    assert first.data[:NONCE_BYTES] != second.data[:NONCE_BYTES]
    assert first.data != second.data
    assert SENTENCE.encode() not in first.SerializeToString()
    assert b"C-1" not in first.SerializeToString()


CHANGES: dict[str, Callable[[Payload], Payload]] = {
    "plain": lambda _: PLAIN_DATA_CONVERTER.payload_converter.to_payloads([SENTENCE])[0],
    "compressed": lambda _: compress(Payload(metadata={"encoding": b"json/plain"}, data=b"1" * 2_000)),
    "empty": lambda _: Payload(),
    "marked as foreign": lambda _: Payload(metadata={ENCODING: FOREIGN}, data=b"x"),
    "marked as a summary": lambda _: Payload(metadata={ENCODING: SUMMARY}, data=b'"x"'),
    "another cipher": lambda payload: changed(payload, **{CIPHER: b"none"}),
    "no key": lambda payload: changed(payload, **{KEY_ID: b""}),
    "another key": lambda payload: changed(payload, **{KEY_ID: b"k_000000000000000000000000"}),
    "an undecodable key": lambda payload: changed(payload, **{KEY_ID: b"\xff\x00"}),
    "nothing but metadata": lambda payload: Payload(metadata=payload.metadata),
    "another nonce": lambda payload: Payload(metadata=payload.metadata, data=bytes(12) + payload.data[12:]),
    "something added": lambda payload: Payload(metadata=payload.metadata, data=payload.data + b"x"),
}


def changed(payload: Payload, **metadata: bytes) -> Payload:
    return Payload(metadata={**payload.metadata, **metadata}, data=payload.data)


@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
async def test_what_was_changed_is_foreign(change: Callable[[Payload], Payload]) -> None:
    codec = codec_of("C-1")
    assert await is_foreign(codec, change(await encrypted(codec)))


async def test_every_flipped_bit_and_every_missing_end_is_foreign() -> None:
    codec = codec_of("C-1")
    payload = await encrypted(codec)
    for place in range(len(payload.data)):
        flipped = bytearray(payload.data)
        flipped[place] ^= 1 << place % 8
        assert await is_foreign(codec, Payload(metadata=payload.metadata, data=bytes(flipped)))
        assert await is_foreign(codec, Payload(metadata=payload.metadata, data=payload.data[:place]))


async def test_a_payload_of_another_subject_or_namespace_is_foreign() -> None:
    keys = InMemoryKeys()
    payload = await encrypted(codec_of("C-1", keys))
    assert await decrypted(codec_of("C-1", keys), payload) == SENTENCE
    assert await decrypted(codec_of("delivery/C-1.3.complainant", keys), payload) == SENTENCE
    for codec in (codec_of("C-2", keys), codec_of("erasure/C-1", keys), codec_of("C-1", keys, "elsewhere")):
        assert await is_foreign(codec, payload)
    other = await keys.for_subject("C-2")
    assert await is_foreign(codec_of("C-2", keys), changed(payload, **{KEY_ID: other.id.encode()}))


async def test_without_a_context_the_subject_is_that_of_the_key() -> None:
    keys = InMemoryKeys()
    assert await decrypted(EncryptionCodec(keys, NAMESPACE), await encrypted(codec_of("C-1", keys))) == SENTENCE
    with pytest.raises(ValueError, match="has no key"):
        await encrypted(EncryptionCodec(keys, NAMESPACE))


class Unreachable(InMemoryKeys):
    async def by_id(self, key_id: str, subject: str | None) -> DataKey | None:  # noqa: ARG002
        raise KeysUnreachableError("away")


async def test_a_key_that_is_out_of_reach_or_destroyed_raises() -> None:
    keys = InMemoryKeys()
    payload = await encrypted(codec_of("C-1", keys))
    with pytest.raises(KeysUnreachableError):
        await codec_of("C-1", Unreachable()).decode([payload])
    await keys.destroy("C-1", "lead", "They asked for it.", now())
    with pytest.raises(KeyDestroyedError):
        await codec_of("C-1", keys).decode([payload])
    assert await is_foreign(codec_of("C-2", keys), payload)


async def test_a_blank_key_belongs_to_the_subject_whose_payload_it_decrypts() -> None:
    keys, blank = InMemoryKeys(), new_key()
    await keys.bind(blank, "C-1")
    payload = await encrypted(codec_of("C-1", keys))
    elsewhere = InMemoryKeys()
    elsewhere._by_id[blank.id] = blank
    assert await is_foreign(codec_of("C-2", elsewhere), payload)
    assert await decrypted(codec_of("C-1", elsewhere), payload) == SENTENCE
    assert (await elsewhere.for_subject("C-1")).id == blank.id


def test_only_complaints_and_their_deliveries_have_a_key_of_their_own() -> None:
    ids = {
        "C-1": "C-1",
        "delivery/C-1.3.complainant": "C-1",
        "delivery/A.3.5.staff:m.7.k": "A.3",
        "delivery/C-1": SERVICES,
        "erasure/C-1": SERVICES,
        "run:recalendar": SERVICES,
        "retention/by-hand": SERVICES,
        "schedule/digest-2031-03-03T09:00:00Z": SERVICES,
    }
    assert {workflow_id: subject_of(workflow_id) for workflow_id in ids} == ids


def activity_context(kind: type[ActivitySerializationContext], activity_id: str) -> ActivitySerializationContext:
    return kind(
        namespace=NAMESPACE,
        activity_id=activity_id,
        activity_type="deliver",
        activity_task_queue="complaints",
        workflow_id="C-1",
        workflow_type="Complaint",
        is_local=False,
    )


async def test_a_workflow_takes_for_an_activitys_result_only_what_that_activity_returned() -> None:
    keys = InMemoryKeys()
    payload = await encrypted(codec_of("C-1", keys))
    awaiting = codec_of("C-1", keys).with_context(activity_context(ActivityResultContext, "a-1"))
    assert await is_foreign(awaiting, payload)


async def test_a_summary_stays_readable_and_is_foreign_as_anything_else() -> None:
    converter = data_converter(InMemoryKeys(), NAMESPACE).with_context(
        WorkflowSerializationContext(namespace=NAMESPACE, workflow_id="C-1")
    )
    [summary, text] = await converter.encode([fit_summary("chaser for the reply"), "chaser for the reply"])
    assert (summary.metadata[ENCODING], summary.data) == (b"json/plain", b'"chaser for the reply"')
    assert text.metadata[ENCODING] == ENCRYPTED
    assert await converter.decode([summary]) == [ForeignValue()]
    with pytest.raises(ForeignPayloadError):
        await converter.decode([summary], [str])


async def test_a_reference_to_an_external_storage_is_foreign_and_raises_nothing() -> None:
    converter = data_converter(InMemoryKeys(), NAMESPACE).with_context(
        WorkflowSerializationContext(namespace=NAMESPACE, workflow_id="C-1")
    )
    reference = Payload(metadata={ENCODING: b"json/external-storage-reference"}, data=b"{}")
    marked = Payload(metadata={ENCODING: b"x", "__temporal_external_storage_reference": b"true"})
    assert await converter.decode([reference, marked]) == [ForeignValue(), ForeignValue()]
