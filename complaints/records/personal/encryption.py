"""Encrypt and decrypt personal data on the record with the key of its complaint.

The record holds in clear only what SQL and reports need; see `procedure.anonymisation`. All else is AES-256-GCM:
`key id | nonce | ciphertext and tag`, bound to its complaint and its place. A value whose key is destroyed is erased,
in every copy of the record.
"""

import secrets  # noqa: TID251 - a nonce is random
import zlib
from datetime import datetime
from typing import Any, NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic_core import from_json
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.encryption.data_keys import DataKey, KeyDestroyedError, KeyRing
from complaints.procedure.anonymisation import hides_text, with_texts_of
from complaints.records.database import KEYS_OPTION, RecordError, translate_key_errors

STATE = "complaints.encrypted_state"
FREE_TEXT = "free_text.text/{sequence}/{field}"
SENTENCE = "answers.sentence/{act_digest}"
HOLD = "holds.why/{at}"
"""Places of encrypted values. Each is authenticated, so that no value can be moved to another."""

PRODUCT = "complaints"
"""Destroys keys where no person does: retention, after its notice."""

_KEY_ID_BYTES = 26
_NONCE_BYTES = 12
_FASTEST = 1


class MissingKeyError(RecordError):
    """The key store does not have the key of a value, as after a restore of the key store."""


class AlteredValueError(RecordError):
    """A value was changed or moved since a worker wrote it."""


class Cipher(NamedTuple):
    """Encrypts values of one complaint."""

    reference: str
    key: DataKey

    def encrypt(self, place: str, text: str) -> bytes:
        nonce = secrets.token_bytes(_NONCE_BYTES)
        storable = text.replace("\0", "\N{REPLACEMENT CHARACTER}")  # as in the record's JSON
        data = zlib.compress(storable.encode(), _FASTEST)  # the other way round, nothing would become smaller
        authenticated = _authenticated(self.reference, place, self.key.id)
        return self.key.id.encode() + nonce + AESGCM(self.key.secret).encrypt(nonce, data, authenticated)


def keys_of(connected: AsyncEngine | AsyncConnection) -> KeyRing:
    """Return the keys that `make_engine` got. Raises RecordError if it got none."""
    keys: KeyRing | None = connected.sync_engine.get_execution_options().get(KEYS_OPTION)
    if keys is None:
        raise RecordError("this program has no keys of complaints; give them to make_engine")
    return keys


async def cipher_of(keys: KeyRing, reference: str) -> Cipher | None:
    """Return what encrypts a complaint's values; None: its key is destroyed.

    Raises RecordUnreachableError.
    """
    with translate_key_errors():
        try:
            return Cipher(reference, await keys.for_subject(reference))
        except KeyDestroyedError:
            return None


async def decrypt(keys: KeyRing, reference: str, place: str, data: bytes | None) -> str | None:
    """Decrypt a value; None: it is erased, or its key is destroyed.

    Raises RecordUnreachableError, MissingKeyError, AlteredValueError.
    """
    if data is None:
        return None
    key_id = data[:_KEY_ID_BYTES].decode(errors="replace")
    nonce, ciphertext = data[_KEY_ID_BYTES : _KEY_ID_BYTES + _NONCE_BYTES], data[_KEY_ID_BYTES + _NONCE_BYTES :]
    with translate_key_errors():
        try:
            key = await keys.by_id(key_id, reference)
        except KeyDestroyedError:
            return None
        if key is None:
            raise MissingKeyError(
                f"the key {key_id} of {reference} is missing, as after a restore of the key store; "
                "restore a later backup of the key store"
            )
        try:
            if key.subject not in (None, reference):
                raise InvalidTag
            text = AESGCM(key.secret).decrypt(nonce, ciphertext, _authenticated(reference, place, key_id))
        except (InvalidTag, ValueError):
            raise AlteredValueError(f"{place} of {reference} on the record is not as a worker wrote it") from None
        if key.subject is None:
            await keys.bind(key, reference)
    return zlib.decompress(text).decode()


async def decrypt_state(keys: KeyRing, reference: str, state: dict[str, Any], data: bytes | None) -> dict[str, Any]:
    """Return a public state as JSON with what is encrypted, unless that is erased.

    Raises as `decrypt` does.
    """
    text = await decrypt(keys, reference, STATE, data)
    return state | from_json(text) if text is not None else state


async def decrypt_view(keys: KeyRing, reference: str, view: dict[str, Any], data: bytes | None) -> dict[str, Any]:
    """Return a public view as JSON with the texts of its encrypted state.

    Raises as `decrypt` does.
    """
    text = await decrypt(keys, reference, STATE, data) if hides_text(view) else None
    return with_texts_of(from_json(text), view) if text is not None else view


async def decrypt_free_text(keys: KeyRing, reference: str, sequence: int, field: str, data: bytes | None) -> str:
    """Decrypt the free text of an event; "" if it is erased. Raises as `decrypt` does."""
    return await decrypt(keys, reference, FREE_TEXT.format(sequence=sequence, field=field), data) or ""


async def decrypt_answer(
    keys: KeyRing, reference: str, act_digest: str, answer: dict[str, Any], sentence: bytes | None
) -> dict[str, Any]:
    """Return an answer as JSON with its sentence; "" if it is erased. Raises as `decrypt` does."""
    text = await decrypt(keys, reference, SENTENCE.format(act_digest=act_digest), sentence)
    return answer | {"sentence": text or ""}


async def destroy_keys(engine: AsyncEngine, reference: str, by: str | None, why: str, at: datetime) -> None:
    """Destroy a complaint's keys, idempotently: all that is encrypted is erased, in every copy.

    `by` None: the product. Raises RecordUnreachableError.
    """
    with translate_key_errors():
        await keys_of(engine).destroy(reference, by or PRODUCT, why, at)


def _authenticated(reference: str, place: str, key_id: str) -> bytes:
    return "\0".join(("complaints/record/1", reference, place, key_id)).encode()
