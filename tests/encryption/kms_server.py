"""A small HTTP server that answers as AWS KMS does."""

import base64
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.encryption.json_server import json_server

ARN = "arn:aws:kms:eu-west-2:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"
NONCE = bytes(12)


class KmsServer:
    """Holds one key, `ARN`."""

    def __init__(self) -> None:
        self._cipher = AESGCM(os.urandom(32))
        self.is_away = False
        self.operations: list[str] = []
        self.url = ""

    def answer(self, target: str, body: Any) -> tuple[int, dict[str, Any]]:
        operation = target.removeprefix("TrentService.")
        if self.is_away:
            return 503, {"__type": "KMSInternalException"}
        if body["KeyId"] != ARN:
            return 400, {"__type": "NotFoundException"}
        self.operations.append(operation)
        return self._generate(body) if operation == "GenerateDataKey" else self._decrypt(body)

    def _generate(self, body: Any) -> tuple[int, dict[str, Any]]:
        assert body["KeySpec"] == "AES_256"
        secret = os.urandom(32)
        encrypted = self._cipher.encrypt(NONCE, secret, _context(body))
        return 200, {"KeyId": ARN, "Plaintext": _text(secret), "CiphertextBlob": _text(encrypted)}

    def _decrypt(self, body: Any) -> tuple[int, dict[str, Any]]:
        try:
            secret = self._cipher.decrypt(NONCE, base64.b64decode(body["CiphertextBlob"]), _context(body))
        except InvalidTag:
            return 400, {"__type": "InvalidCiphertextException"}
        return 200, {"KeyId": ARN, "Plaintext": _text(secret)}


@contextmanager
def kms_server() -> Iterator[KmsServer]:
    """Serve on a free port of the loopback."""
    kms = KmsServer()
    with json_server(lambda _, headers, body: kms.answer(headers["X-Amz-Target"], body)) as url:
        kms.url = url
        yield kms


def _context(body: Any) -> bytes:
    return json.dumps(body["EncryptionContext"], sort_keys=True).encode()


def _text(value: bytes) -> str:
    return base64.b64encode(value).decode()
