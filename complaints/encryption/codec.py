"""Encrypt every payload with the data key of its complaint, by AES-256-GCM.

    metadata   encoding = binary/encrypted, encryption-cipher = A256GCM, encryption-key-id = the data key's id
    data       nonce (12 random bytes) | ciphertext of the compressed payload | tag (16 bytes)

Namespace, subject and key id are authenticated with it. The subject is known by the workflow's id, which the SDK's
serialization context has. Without a context, as in the codec server, the subject is that of the key.

An activity's result, or failure, also names its activity. So nobody can complete an activity with another one's.
"""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from google.protobuf.message import DecodeError
from temporalio import activity
from temporalio.api.common.v1 import Payload
from temporalio.converter import (
    ActivitySerializationContext,
    PayloadCodec,
    SerializationContext,
    WithSerializationContext,
    WorkflowSerializationContext,
)

from complaints.encryption.compression import compress, decompress
from complaints.encryption.data_keys import DataKey, KeyRing
from complaints.encryption.foreign import ENCODING, foreign_payload
from complaints.encryption.foreign_log import ForeignLog
from complaints.encryption.subjects import QUERIES, subject_of
from complaints.temporal.summaries import as_readable

ENCRYPTED, A256GCM = b"binary/encrypted", b"A256GCM"
CIPHER, KEY_ID = "encryption-cipher", "encryption-key-id"
RESULT_OF = "result-of"
"""Inside the encryption: the id of the activity whose result, or failure, a payload is."""
VERSION = "complaints/1"
NONCE_BYTES, TAG_BYTES = 12, 16


@dataclass(frozen=True)
class ActivityResultContext(ActivitySerializationContext):
    """The context in which a workflow takes the result of its activity."""


@dataclass(frozen=True)
class QueryContext(SerializationContext):
    """The context of a query's argument in the codec server, which does not know the workflow."""


class EncryptionCodec(PayloadCodec, WithSerializationContext):
    """The codec of one namespace. It encrypts everything but summaries for Temporal's page."""

    def __init__(
        self,
        keys: KeyRing,
        namespace: str,
        context: SerializationContext | None = None,
        foreign: ForeignLog | None = None,
    ) -> None:
        self._keys = keys
        self._namespace = namespace
        self._context = context
        self._foreign = foreign or ForeignLog()
        self._workflow_id = _workflow_id_in(context)
        self._subject = QUERIES if isinstance(context, QueryContext) else None
        if self._workflow_id is not None:
            self._subject = subject_of(self._workflow_id)

    def with_context(self, context: SerializationContext) -> Self:
        return type(self)(self._keys, self._namespace, context, self._foreign)

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encrypt payloads. Raises KeysUnreachableError, KeyDestroyedError."""
        return [await self._encode(payload) for payload in payloads]

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Decrypt payloads; a foreign one becomes `binary/foreign`.

        Raises KeysUnreachableError, KeyDestroyedError: the caller must try again, or give up.
        """
        return [await self._decode(payload) or self._as_foreign() for payload in payloads]

    async def _encode(self, payload: Payload) -> Payload:
        if readable := as_readable(payload):
            return readable
        if self._subject is None:
            raise ValueError("a payload without a workflow has no key")
        key = await self._keys.for_subject(self._subject)
        if _is_of_running_activity(self._context):
            payload = _with_metadata(payload, RESULT_OF, activity.info().activity_id)
        nonce = os.urandom(NONCE_BYTES)  # noqa: TID251 - no replay encrypts
        plain = compress(payload).SerializeToString()
        data = nonce + AESGCM(key.secret).encrypt(nonce, plain, self._authenticated(self._subject, key.id))
        return Payload(metadata={ENCODING: ENCRYPTED, CIPHER: A256GCM, KEY_ID: key.id.encode()}, data=data)

    def _as_foreign(self) -> Payload:
        self._foreign.note(self._workflow_id)
        return foreign_payload()

    async def _decode(self, payload: Payload) -> Payload | None:
        """Return None for a foreign one."""
        key_id = key_id_of(payload)
        key = await self._keys.by_id(key_id, self._subject) if key_id else None
        if key is None:
            return None
        if key.subject == QUERIES:
            return foreign_payload(query_argument=self._decrypt(payload.data, key, QUERIES))
        subject = self._subject or key.subject
        if subject is None or key.subject not in (None, subject):
            return None
        decrypted = self._decrypt(payload.data, key, subject)
        if decrypted is None or not self._is_result_awaited(decrypted):
            return None
        if key.subject is None:  # only a service of ours can have encrypted for this subject
            await self._keys.bind(key, subject)
        decrypted.metadata.pop(RESULT_OF, None)
        return decrypted

    def _decrypt(self, data: bytes, key: DataKey, subject: str) -> Payload | None:
        """Return None for what this key, for this subject, did not encrypt."""
        if len(data) < NONCE_BYTES + TAG_BYTES:
            return None
        nonce, ciphertext = data[:NONCE_BYTES], data[NONCE_BYTES:]
        try:
            plain = AESGCM(key.secret).decrypt(nonce, ciphertext, self._authenticated(subject, key.id))
            return decompress(Payload.FromString(plain))
        except (InvalidTag, DecodeError):
            return None

    def _is_result_awaited(self, payload: Payload) -> bool:
        """Return whether a workflow may take it.

        Nobody else can make the result of a local activity: it never leaves the worker.
        """
        if not isinstance(self._context, ActivityResultContext) or self._context.is_local:
            return True
        return payload.metadata.get(RESULT_OF) == (self._context.activity_id or "").encode()

    def _authenticated(self, subject: str, key_id: str) -> bytes:
        return "\0".join((VERSION, self._namespace, subject, key_id)).encode()


def key_id_of(payload: Payload) -> str | None:
    """Return the id of the key that a payload names; None: it is not encrypted."""
    if payload.metadata.get(ENCODING) != ENCRYPTED or payload.metadata.get(CIPHER) != A256GCM:
        return None
    return payload.metadata.get(KEY_ID, b"").decode("ascii", errors="replace")


def _workflow_id_in(context: SerializationContext | None) -> str | None:
    """Return "" for an activity that no workflow has started."""
    if not isinstance(context, WorkflowSerializationContext | ActivitySerializationContext):
        return None
    return context.workflow_id or ""


def _is_of_running_activity(context: SerializationContext | None) -> bool:
    is_of_activity = isinstance(context, ActivitySerializationContext) and not context.is_local
    return is_of_activity and not isinstance(context, ActivityResultContext) and activity.in_activity()


def _with_metadata(payload: Payload, name: str, value: str) -> Payload:
    copy = Payload()
    copy.CopyFrom(payload)
    copy.metadata[name] = value.encode()
    return copy
