"""The keys of a stack, and its processes' settings of the key ring and of signed roots."""

import secrets
from collections.abc import Mapping
from pathlib import Path

from complaints.audit.signing import make_key
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


def audit_settings(directory: Path) -> Mapping[str, str]:
    """Return the settings of signed roots; make their key once, and their folder."""
    keys, roots = directory / "keys", directory / "audit-roots"
    for folder in (keys, roots):
        folder.mkdir(mode=0o700, exist_ok=True)
    key, public_key = keys / "audit-key", keys / "audit-public-key"
    make_key(key, public_key)
    return {
        "COMPLAINTS_AUDIT_KEY": str(key.absolute()),
        "COMPLAINTS_AUDIT_PUBLIC_KEY": str(public_key.absolute()),
        "COMPLAINTS_AUDIT_ROOTS": str(roots.absolute()),
    }
