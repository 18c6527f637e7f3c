"""API keys and scopes of the systems that call the intake service.

A key is `ck_ID_SECRET`. The id names the key and may be shown. The secret is 256 random bits, of which we keep only
the SHA-256: nobody can guess them, so a slow password hash would only delay every request.
"""

import hashlib
import hmac
import re
import secrets  # noqa: TID251 - a key that nobody guesses
from enum import StrEnum
from typing import Annotated, NamedTuple, Self

from pydantic import AfterValidator

from complaints.procedure.field_types import pattern_validator

SYSTEM_NAME = r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}"
_KEY = re.compile(r"ck_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


class Scope(StrEnum):
    """A permission of a system."""

    OPEN = "open"
    READ = "read"
    ACT = "act"
    FINDINGS = "findings"
    """Extends `read` to findings and remedies."""
    ALL = "all"
    """Extends the other scopes to complaints that somebody else opened."""


SystemName = Annotated[
    str,
    AfterValidator(pattern_validator(SYSTEM_NAME, "a name of up to 64 letters, digits and . _ -")),
]
"""A system is the actor of its acts on the record, so every name is a valid staff id."""


class ApiKey(NamedTuple):
    """A key as its system holds it, with the secret."""

    id: str
    secret: str

    @classmethod
    def new(cls) -> Self:
        """Make a random key."""
        return cls(secrets.token_hex(6), secrets.token_urlsafe(32))

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Parse what `str` gives; None if it is no key."""
        match = _KEY.fullmatch(text)
        return cls(match[1], match[2]) if match else None

    def __str__(self) -> str:
        return f"ck_{self.id}_{self.secret}"

    def __repr__(self) -> str:
        return f"ApiKey({self.id})"  # keeps the secret out of logs and tracebacks

    @property
    def digest(self) -> bytes:
        """The SHA-256 of the secret."""
        return hashlib.sha256(self.secret.encode()).digest()

    def matches(self, digest: bytes) -> bool:
        """Compare the secret with a digest, in constant time."""
        return hmac.compare_digest(self.digest, digest)
