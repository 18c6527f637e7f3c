"""The real clocks, for entry points and for waits of a process.

Each complaint has its own clock, in Temporal.
"""

import time
from datetime import UTC, datetime


def now() -> datetime:
    """Return the real instant, in UTC."""
    return datetime.now(UTC)  # noqa: TID251 - the one place in which the real clock is read


def monotonic() -> float:
    """Return seconds of which only differences mean something.

    No change of the system's time moves them.
    """
    return time.monotonic()  # noqa: TID251 - the one place in which the real clock is read
