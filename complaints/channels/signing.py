"""Sign a webhook's request, and verify it: an HMAC over its time and its body."""

import hashlib
import hmac
from datetime import datetime, timedelta

TIMESTAMP = "Complaints-Timestamp"
"""Seconds since 1970."""
SIGNATURE = "Complaints-Signature"
TOLERANCE = timedelta(minutes=5)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """Return `v1=` and the HMAC-SHA256 of `timestamp.body`, in hexadecimal."""
    signed = timestamp.encode() + b"." + body
    return f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def verify(
    secret: str, timestamp: str, body: bytes, signature: str, now: datetime, tolerance: timedelta = TOLERANCE
) -> bool:
    """Verify, as a receiver, that a raw body was signed with the secret, within the tolerance.

    A request may be replayed within the tolerance, so drop one whose Idempotency-Key you know.
    """
    genuine = hmac.compare_digest(sign(secret, timestamp, body).encode(), signature.encode())
    try:
        age = abs(now.timestamp() - int(timestamp))
    except ValueError:
        return False
    return genuine and age <= tolerance.total_seconds()
