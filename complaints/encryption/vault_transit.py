"""A key-encryption key in Vault's transit engine, which it never leaves.

`vault:https://HOST:8200/MOUNT/KEY?token_file=/PATH` names it. The key's type must be aes256-gcm96: it binds a
wrapped key to its id (`associated_data`).
"""

import base64
import ssl
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from pathlib import Path
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import httpx2

from complaints.encryption.data_keys import KeysUnreachableError
from complaints.encryption.wrapping_errors import KeySettingError
from complaints.runtime.urls import is_protected

RESPONSE_TIMEOUT_SECONDS = 5.0
BATCH_SIZE = 250
"""Keys in one request."""
EXAMPLE = "vault:https://HOST:8200/MOUNT/KEY?token_file=/PATH"


class VaultTransit:
    """One key of Vault's transit engine. Its name here has the version that wrapped."""

    def __init__(
        self, client: httpx2.AsyncClient, path: str, token_file: Path, additional_data: Callable[[str], bytes]
    ) -> None:
        self._client = client
        self._mount, _, self._key = path.rpartition("/")
        self._name = f"vault:{path}"
        self._token_file = token_file
        self._additional_data = additional_data

    @classmethod
    @asynccontextmanager
    async def open(cls, where: str, additional_data: Callable[[str], bytes]) -> AsyncIterator[Self]:
        """Open a client for `https://HOST/MOUNT/KEY?token_file=/PATH`. Raises KeySettingError.

        The token is read for each request, so that an agent can renew it.
        """
        parts = urlsplit(where)
        path, token_file = parts.path.strip("/"), parse_qs(parts.query).get("token_file", [""])[0]
        if "/" not in path or not parts.hostname or not token_file:
            raise KeySettingError(f"vault:{parts.scheme}://{parts.netloc}{parts.path} is incomplete; give {EXAMPLE}")
        if not is_protected(where, is_local=True):
            raise KeySettingError(f"vault: {parts.netloc} has an http address; give one with https")
        base = f"{parts.scheme}://{parts.netloc}"
        async with httpx2.AsyncClient(
            base_url=base,
            follow_redirects=False,
            timeout=RESPONSE_TIMEOUT_SECONDS,
            verify=ssl.create_default_context(),
        ) as client:
            key = cls(client, path, Path(token_file), additional_data)
            key._token()
            yield key

    async def wrap(self, secrets_by_id: Mapping[str, bytes]) -> tuple[str, dict[str, bytes]]:
        items = [{"plaintext": _encode(secret), **self._bound_to(key_id)} for key_id, secret in secrets_by_id.items()]
        results = await self._call("encrypt", items)
        wrapped = {}
        for key_id, result in zip(secrets_by_id, results, strict=True):
            if "ciphertext" not in result:
                raise KeysUnreachableError(f"{self._name} does not wrap: {result.get('error')}")
            wrapped[key_id] = str(result["ciphertext"]).encode()
        version = str(results[0]["ciphertext"]).split(":")[1]
        return f"{self._name}:{version}", wrapped

    def has_wrapped(self, name: str) -> bool:
        return name.rpartition(":")[0] == self._name

    async def unwrap(self, wrapped_by_id: Mapping[str, bytes]) -> dict[str, bytes]:
        items = [
            {"ciphertext": wrapped.decode(), **self._bound_to(key_id)} for key_id, wrapped in wrapped_by_id.items()
        ]
        results = await self._call("decrypt", items)
        return {
            key_id: base64.b64decode(result["plaintext"])
            for key_id, result in zip(wrapped_by_id, results, strict=True)
            if result.get("plaintext")
        }

    def _bound_to(self, key_id: str) -> dict[str, str]:
        return {"associated_data": _encode(self._additional_data(key_id))}

    async def _call(self, what: str, items: list[dict[str, str]]) -> list[dict[str, Any]]:
        """Send items in batches; return a result for each. Raises KeysUnreachableError."""
        results: list[dict[str, Any]] = []
        for start in range(0, len(items), BATCH_SIZE):
            results += await self._post(f"/v1/{self._mount}/{what}/{self._key}", items[start : start + BATCH_SIZE])
        return results

    async def _post(self, path: str, batch: list[dict[str, str]]) -> list[dict[str, Any]]:
        try:
            headers = {"X-Vault-Token": self._token(), "X-Vault-Request": "true"}
            answer = await self._client.post(path, json={"batch_input": batch}, headers=headers)
            content = answer.json()
            # 400: some of a batch have failed, each with its error; else Vault has taken none.
            if answer.status_code not in (HTTPStatus.OK, HTTPStatus.BAD_REQUEST) or "data" not in content:
                raise KeysUnreachableError(f"{self._name} refused it ({answer.status_code}); see Vault's audit log")
            results: list[dict[str, Any]] = content["data"]["batch_results"]
        except KeySettingError as error:
            raise KeysUnreachableError(str(error)) from None
        except (httpx2.HTTPError, httpx2.InvalidURL):
            raise KeysUnreachableError(f"{self._name} cannot be reached") from None
        except (ValueError, KeyError, TypeError):
            raise KeysUnreachableError(f"{self._name} gave an answer that is not Vault's") from None
        if len(results) != len(batch):
            raise KeysUnreachableError(f"{self._name} gave an answer that is not Vault's")
        return results

    def _token(self) -> str:
        try:
            return self._token_file.read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            raise KeySettingError(f"{self._name}: the token file {self._token_file} cannot be read") from None


def _encode(value: bytes) -> str:
    return base64.b64encode(value).decode()
