"""The real clock, for entry points only. Each complaint has its own clock in Temporal."""

from datetime import UTC, datetime


def now() -> datetime:
    """Return the real instant, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place in which the real clock is read
