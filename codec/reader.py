"""Decode payloads for somebody who looks, and encode the arguments of their queries."""

import json
from collections.abc import Sequence

from temporalio.api.common.v1 import Payload

from codec.access import PayloadAccess
from complaints.encryption.codec import EncryptionCodec, QueryContext, key_id_of
from complaints.encryption.data_keys import KeyDestroyedError, KeyRing, KeysUnreachableError
from complaints.encryption.foreign import is_foreign
from starter.api.auth.staff import StaffCaller
from starter.api.problems import ProblemError, unavailable

ERASED = "erased: the keys of this complaint are destroyed"
FOREIGN = "foreign: none of our services encrypted this"
NOT_YOURS = "not yours to read: this is for the complaint's holder, the lead of its tier, and auditors"
NOT_RECORDED = "not on the record yet: look again in a few seconds"


class PayloadReader:
    """Decode and encode payloads of one namespace."""

    def __init__(self, keys: KeyRing, namespace: str, access: PayloadAccess) -> None:
        self._keys = keys
        self._codec = EncryptionCodec(keys, namespace)
        self._access = access

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        """Encode arguments of a query; a complaint takes them for nothing else. Raises ProblemError."""
        try:
            return await self._codec.with_context(QueryContext()).encode(payloads)
        except KeysUnreachableError:
            raise _no_keys() from None

    async def decode(self, payloads: Sequence[Payload], caller: StaffCaller | None) -> list[Payload]:
        """Decode payloads; a sentence takes the place of one that the caller cannot see.

        `caller`: None on the local stack, where anybody sees everything. Raises ProblemError.
        """
        try:
            return [await self._decode(payload, caller) for payload in payloads]
        except KeysUnreachableError:
            raise _no_keys() from None

    async def _decode(self, payload: Payload, caller: StaffCaller | None) -> Payload:
        if (key_id := key_id_of(payload)) is None:
            return payload
        try:
            key = await self._keys.by_id(key_id, None)
            if key is None:
                return _sentence(FOREIGN)
            if key.subject is None:
                return _sentence(NOT_RECORDED)
            if caller and not await self._access.may_look(key.subject, caller):
                return _sentence(NOT_YOURS)
            [decoded] = await self._codec.decode([payload])
        except KeyDestroyedError:
            return _sentence(ERASED)
        if is_foreign(decoded):
            return _sentence(FOREIGN)
        if caller:
            self._access.count_look(key.subject, caller)
        return decoded


def _sentence(text: str) -> Payload:
    """Make a payload that Temporal's page and command show as text."""
    return Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(text).encode())


def _no_keys() -> ProblemError:
    return unavailable("the key store does not answer")
