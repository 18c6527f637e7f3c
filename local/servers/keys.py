"""The key-encryption key of a stack, and its processes' settings of the key ring."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from local.servers.postgres import keys_url


def key_settings(directory: Path, port: int) -> Mapping[str, str]:
    """Return the settings of the key ring. `port`: of the stack's PostgreSQL."""
    return key_settings_at(keys_url(directory, port), directory)


def key_settings_at(url: str, directory: Path) -> Mapping[str, str]:
    """Return the settings for another address of the key store, such as a proxy's."""
    return {"COMPLAINTS_KEYS_URL": url, "COMPLAINTS_KEY_ENCRYPTION_KEYS": key_encryption_keys(directory)}


def key_encryption_keys(directory: Path) -> str:
    """Return the setting COMPLAINTS_KEY_ENCRYPTION_KEYS; make the key once, in `directory`/keys."""
    file = directory / "keys" / "key-encryption-key"
    if not file.exists():
        file.parent.mkdir(mode=0o700, exist_ok=True)
        growing = file.with_suffix(".new")
        growing.unlink(missing_ok=True)
        growing.touch(mode=0o600)
        growing.write_text(secrets.token_hex(32))
        growing.replace(file)
    return f"file:{file.absolute()}"
