"""Errors of key-encryption keys."""

from complaints.encryption.data_keys import KeysUnreachableError


class KeySettingError(Exception):
    """COMPLAINTS_KEY_ENCRYPTION_KEYS names a key that cannot be used; the message says why."""


class CannotUnwrapError(KeysUnreachableError):
    """No key-encryption key that is set unwraps a data key; a retry succeeds once it is set."""
