"""A key-encryption key in AWS KMS, which it never leaves. Needs the extra `aws-kms`.

`aws-kms:arn:aws:kms:REGION:ACCOUNT:key/ID` names it. The service's credentials are those that boto3 finds.

Data keys that are wrapped together share an intermediate key, which KMS makes and encrypts. So a process that reads
thousands of data keys asks KMS once for each batch, and not for each key.
"""

import asyncio
import secrets  # noqa: TID251 - a nonce, which must not repeat
from collections.abc import Callable, Mapping
from typing import Any, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from complaints.encryption.data_keys import KeysUnreachableError
from complaints.encryption.wrapping_errors import KeySettingError

TIMEOUT_SECONDS = 5.0
ATTEMPTS = 2
CONTEXT = {"complaints": "data keys"}
"""KMS authenticates it, and writes it into its log of uses."""
NONCE_BYTES = 12
LENGTH_BYTES = 2
CHANGED = ("InvalidCiphertextException", "IncorrectKeyException")
"""What KMS answers for an intermediate key that it did not encrypt with this key."""


class AwsKms:
    """One symmetric key of AWS KMS.

    What is stored of a data key: length | encrypted intermediate key | nonce | encrypted data key.
    """

    def __init__(self, client: Any, arn: str, additional_data: Callable[[str], bytes]) -> None:
        self._client = client
        self._arn = arn
        self._name = f"aws-kms:{arn}"
        self._additional_data = additional_data
        self._intermediate: dict[bytes, AESGCM] = {}
        """By the encrypted key: they are as few as there were batches."""

    @classmethod
    def open(cls, arn: str, additional_data: Callable[[str], bytes]) -> Self:
        """Make a client for the key's region. Raises KeySettingError."""
        try:
            import boto3
            from botocore.config import Config
            from botocore.exceptions import BotoCoreError
        except ImportError:
            raise KeySettingError(f"aws-kms:{arn} needs boto3; install the extra aws-kms") from None
        config = Config(
            connect_timeout=TIMEOUT_SECONDS, read_timeout=TIMEOUT_SECONDS, retries={"total_max_attempts": ATTEMPTS}
        )
        try:
            client = boto3.client("kms", region_name=arn.split(":")[3], config=config)
        except BotoCoreError as error:
            raise KeySettingError(f"aws-kms:{arn} cannot be used: {error}") from None
        return cls(client, arn, additional_data)

    async def wrap(self, secrets_by_id: Mapping[str, bytes]) -> tuple[str, dict[str, bytes]]:
        made = await self._call("generate_data_key", KeyId=self._arn, KeySpec="AES_256")
        encrypted, cipher = made["CiphertextBlob"], AESGCM(made["Plaintext"])
        self._intermediate[encrypted] = cipher
        begin = len(encrypted).to_bytes(LENGTH_BYTES) + encrypted
        wrapped = {}
        for key_id, secret in secrets_by_id.items():
            nonce = secrets.token_bytes(NONCE_BYTES)
            wrapped[key_id] = begin + nonce + cipher.encrypt(nonce, secret, self._additional_data(key_id))
        return self._name, wrapped

    def has_wrapped(self, name: str) -> bool:
        return name == self._name

    async def unwrap(self, wrapped_by_id: Mapping[str, bytes]) -> dict[str, bytes]:
        unwrapped = {}
        for key_id, wrapped in wrapped_by_id.items():
            end = LENGTH_BYTES + int.from_bytes(wrapped[:LENGTH_BYTES])
            encrypted, nonce, data = wrapped[LENGTH_BYTES:end], wrapped[end : end + NONCE_BYTES], wrapped[end:]
            cipher = await self._cipher_of(encrypted)
            if cipher is None:
                continue
            try:
                unwrapped[key_id] = cipher.decrypt(nonce, data[NONCE_BYTES:], self._additional_data(key_id))
            except (InvalidTag, ValueError):
                continue
        return unwrapped

    async def _cipher_of(self, encrypted: bytes) -> AESGCM | None:
        """Return the cipher of an intermediate key; None: this key did not encrypt it."""
        if encrypted not in self._intermediate:
            if not encrypted:
                return None
            answer = await self._call("decrypt", KeyId=self._arn, CiphertextBlob=encrypted)
            if answer is None:
                return None
            self._intermediate[encrypted] = AESGCM(answer["Plaintext"])
        return self._intermediate[encrypted]

    async def _call(self, operation: str, **parameters: Any) -> Any:
        """Ask KMS; None: it did not encrypt this. Raises KeysUnreachableError."""
        from botocore.exceptions import BotoCoreError, ClientError

        try:
            call = getattr(self._client, operation)
            return await asyncio.to_thread(call, EncryptionContext=CONTEXT, **parameters)
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code"))
            if code in CHANGED:
                return None
            raise KeysUnreachableError(f"{self._name} refused it ({code}); see CloudTrail") from None
        except BotoCoreError:
            raise KeysUnreachableError(f"{self._name} cannot be reached") from None
