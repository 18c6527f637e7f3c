"""Connections to the key store and to the key-encryption keys, as the settings name them."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

from complaints.encryption.key_store import KEYS_URL, KeyStore
from complaints.encryption.key_wrapping import KEYS_SETTING, KeyEncryptionKeys, open_wrapping
from complaints.encryption.wrapping_errors import KeySettingError
from complaints.runtime.service import StartupError, open_engine
from complaints.settings import Settings

CONNECTIONS = 2
"""One for the background task of a key ring, one for questions."""
STATEMENT_TIMEOUT_SECONDS = 30.0
"""All keys are read at the start."""


@asynccontextmanager
async def open_key_store(settings: Settings) -> AsyncIterator[tuple[KeyStore, KeyEncryptionKeys]]:
    """Open the key store and the key-encryption keys. Raises StartupError."""
    if settings.keys_url is None:
        raise StartupError(f"{KEYS_URL}: not set; give postgresql+asyncpg://user:password@host/database")
    async with (
        open_engine(
            settings.keys_url,
            pool="keys",
            pool_size=CONNECTIONS,
            command_timeout_seconds=STATEMENT_TIMEOUT_SECONDS,
            setting=KEYS_URL,
        ) as engine,
        AsyncExitStack() as opened,
    ):
        try:
            wrapping = await opened.enter_async_context(open_wrapping(settings.key_encryption_keys))
        except KeySettingError as error:
            raise StartupError(f"{KEYS_SETTING}: {error}") from error
        yield KeyStore(engine), wrapping
