"""A small HTTP server that answers as Vault's transit engine does."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.encryption.json_server import json_server

TOKEN = "s.vault-token"  # noqa: S105 - of this server
NONCE = bytes(12)


class VaultServer:
    """Holds the versions of one key, `transit/complaints`."""

    def __init__(self) -> None:
        self.versions = [AESGCM.generate_key(256)]
        self.is_away = False
        self.batches: list[int] = []
        """The number of items in each request."""
        self.url = ""

    def rotate(self) -> None:
        self.versions.append(AESGCM.generate_key(256))

    def answer(self, path: str, token: str | None, body: Any) -> tuple[int, dict[str, Any]]:
        if self.is_away:
            return 503, {"errors": ["Vault is sealed"]}
        if token != TOKEN:
            return 403, {"errors": ["permission denied"]}
        items = body["batch_input"]
        self.batches.append(len(items))
        do = {"/v1/transit/encrypt/complaints": self._encrypt, "/v1/transit/decrypt/complaints": self._decrypt}[path]
        results = [do(item) for item in items]
        return 400 if any("error" in result for result in results) else 200, {"data": {"batch_results": results}}

    def _encrypt(self, item: dict[str, str]) -> dict[str, str]:
        secret, associated = (base64.b64decode(item[name]) for name in ("plaintext", "associated_data"))
        encrypted = AESGCM(self.versions[-1]).encrypt(NONCE, secret, associated)
        return {"ciphertext": f"vault:v{len(self.versions)}:{base64.b64encode(encrypted).decode()}"}

    def _decrypt(self, item: dict[str, str]) -> dict[str, str]:
        _, version, encrypted = item["ciphertext"].split(":")
        associated = base64.b64decode(item["associated_data"])
        try:
            secret = AESGCM(self.versions[int(version[1:]) - 1]).decrypt(NONCE, base64.b64decode(encrypted), associated)
        except InvalidTag:
            return {"error": "cipher: message authentication failed"}
        return {"plaintext": base64.b64encode(secret).decode()}


@contextmanager
def vault_server() -> Iterator[VaultServer]:
    """Serve on a free port of the loopback."""
    vault = VaultServer()
    with json_server(lambda path, headers, body: vault.answer(path, headers["X-Vault-Token"], body)) as url:
        vault.url = url
        yield vault
