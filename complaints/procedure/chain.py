"""Compute the hash chain of a complaint's events: a link covers all events until its own.

The link is the SHA-256 of the link before, of the event without its words, and of a digest of its words. The digest is
salted, so that nobody guesses words from it once erasure has removed the salt.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from complaints.formatting.nul_characters import replace_escaped_nul


def canonical_json(value: object) -> str:
    """Serialise JSON values in one way only: sorted keys, no spaces, ASCII.

    Raises ValueError for a number that JSON lacks. A NUL is as PostgreSQL stores it.
    """
    return replace_escaped_nul(json.dumps(value, sort_keys=True, separators=(",", ":"), allow_nan=False))


def first_link(reference: str) -> str:
    """Return what a complaint's first event is linked to. No other complaint has the same."""
    return _digest(["complaint", reference])


def digest_words(salt: str, sequence: int, free_text: Mapping[str, str]) -> str | None:
    """Digest the words of one event; None: it has none."""
    return _digest([salt, sequence, dict(free_text)]) if free_text else None


def link_event(
    previous: str,
    *,
    sequence: int,
    at: datetime,
    kind: str,
    by: str | None,
    what: str,
    detail: Mapping[str, Any],
    words_digest: str | None,
) -> str:
    """Return the link of an event. `detail`: JSON values."""
    instant = at.astimezone(UTC).isoformat(timespec="microseconds")
    return _digest([previous, sequence, instant, kind, by, what, dict(detail), words_digest])


def _digest(value: object) -> str:
    return sha256(canonical_json(value).encode()).hexdigest()
