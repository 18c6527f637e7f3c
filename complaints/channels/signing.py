"""How a receiver knows that a call is ours, unchanged and of now: an HMAC over its time and its body."""

import hashlib
import hmac
from datetime import datetime, timedelta

TIMESTAMP = "Complaints-Timestamp"
"""Seconds since 1970."""
SIGNATURE = "Complaints-Signature"
TOLERANCE = timedelta(minutes=5)


def sign(secret: str, timestamp: str, body: bytes) -> str:
    """`v1=` and the HMAC-SHA256 of `timestamp.body`, in hexadecimal."""
    signed = timestamp.encode() + b"." + body
    return f"v1={hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()}"


def verify(
    secret: str, timestamp: str, body: bytes, signature: str, now: datetime, tolerance: timedelta = TOLERANCE
) -> bool:
    """For receivers: whether a body, as it came, was signed with the secret, and not longer ago than the tolerance.

    Within the tolerance the same call may be played again: drop what has an Idempotency-Key that you know.
    """
    genuine = hmac.compare_digest(sign(secret, timestamp, body).encode(), signature.encode())
    try:
        apart = abs(now.timestamp() - int(timestamp))
    except ValueError:
        return False
    return genuine and apart <= tolerance.total_seconds()
