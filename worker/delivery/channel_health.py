"""Watch the channels: count and log their failures, and measure how late letters go."""

import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from temporalio.common import MetricMeter

from complaints.channels.errors import ChannelUnavailableError
from complaints.metrics import catalogue
from complaints.records.database import RecordUnreachableError
from complaints.records.tables.messages import CHANNELS
from complaints.runtime.throttled_log import ThrottledLog

log = logging.getLogger(__name__)


class ChannelHealth:
    """A channel is down from a failed attempt to the next successful one.

    `now` is the real clock.
    """

    def __init__(self, meter: MetricMeter, now: Callable[[], datetime]) -> None:
        self._failures = catalogue.CHANNEL_FAILURES.counter(meter)
        self._delay = catalogue.LETTER_DELAY.histogram(meter)
        self._now = now
        self._down: set[str] = set()
        self._up_since: dict[str, datetime] = {}
        self._unavailable = ThrottledLog(log, "a channel is unavailable")
        self._unreadable = ThrottledLog(log, "the outbox cannot be read")
        for channel in map(str, CHANNELS):
            self._failures.add(0, {"channel": channel})

    @contextmanager
    def preparing(self, channel: str) -> Iterator[None]:
        """Note a failure before the channel is used, and raise the error."""
        try:
            yield
        except ChannelUnavailableError as error:
            self._failures.add(1, {"channel": channel})
            self._down.add(channel)
            self._unavailable.note(channel, str(error))
            raise

    @contextmanager
    def attempt(self, channel: str) -> Iterator[None]:
        """Note how an attempt to send by the channel ends, and raise its error."""
        with self.preparing(channel):
            yield
        if channel in self._down:
            self._down.remove(channel)
            self._up_since[channel] = self._now()
            self._unavailable.end(channel, "a channel is available again")

    @contextmanager
    def reading_record(self) -> Iterator[None]:
        """Note that PostgreSQL is unavailable for deliveries, and raise the error."""
        try:
            yield
        except RecordUnreachableError as error:
            self._unreadable.note("postgresql", str(error))
            raise
        self._unreadable.end("postgresql", "the outbox can be read again")

    def observe_gone(self, channel: str, owed_at: datetime) -> None:
        """Measure how long a message waited that has just gone, the channel's downtime left out."""
        since = max(owed_at, self._up_since.get(channel, owed_at))
        self._delay.record(max(0.0, (self._now() - since).total_seconds()), {"channel": channel})
