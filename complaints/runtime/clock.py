"""The real clock, for entry points. Everything else is told what time it is: each complaint has a clock of its own."""

from datetime import UTC, datetime


def now() -> datetime:
    """The real instant, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place in which the real clock is read
