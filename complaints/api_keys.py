"""Systems that call the intake service: what each may do, and the keys by which it is known.

A key is `ck_ID_SECRET`. The id says which key it is, and may be shown; the secret is 256 random bits, of which only the
SHA-256 is kept. A slow hash guards what people choose and others can guess; nobody guesses 256 random bits, and every
request would have to wait for it.
"""

import hashlib
import hmac
import re
import secrets
from enum import StrEnum
from typing import Annotated, NamedTuple, Self

from pydantic import AfterValidator

from complaints.procedure.field_types import pattern_validator

_KEY = re.compile(r"ck_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")


class Scope(StrEnum):
    """What a system may do."""

    OPEN = "open"
    READ = "read"
    ACT = "act"
    FINDINGS = "findings"
    """With `read`: also what was found, and what is to put things right."""


SystemName = Annotated[
    str, AfterValidator(pattern_validator(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", "a name of up to 64 letters, digits and . _ -"))
]
"""Stands on the record as the actor of what the system says: every name is an id such as staff have."""


class ApiKey(NamedTuple):
    """As its system knows it."""

    id: str
    secret: str

    @classmethod
    def new(cls) -> Self:
        return cls(secrets.token_hex(6), secrets.token_urlsafe(32))

    @classmethod
    def read(cls, written: str) -> Self | None:
        """From what `str` makes of it."""
        found = _KEY.fullmatch(written)
        return cls(found[1], found[2]) if found else None

    def __str__(self) -> str:
        return f"ck_{self.id}_{self.secret}"

    def __repr__(self) -> str:
        return f"Key({self.id})"  # a secret stands in no log and no traceback

    @property
    def digest(self) -> bytes:
        return hashlib.sha256(self.secret.encode()).digest()

    def matches(self, digest: bytes) -> bool:
        """In constant time."""
        return hmac.compare_digest(self.digest, digest)
