"""Metrics of complaints: totals from the record, and how late each event is recorded."""

import asyncio
import logging

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.common import MetricMeter

from complaints.encryption.data_keys import KeyRing
from complaints.metrics import catalogue
from complaints.procedure.acts import ACT_NAMES
from complaints.procedure.enums import EventKind
from complaints.records.database import RecordError
from complaints.records.tables.messages import CHANNELS
from complaints.records.totals import ComplaintTotals, LetterTotals, read_letter_totals, read_totals
from complaints.records.transitions import Written
from complaints.runtime.clock import now
from worker.observability.recording_backlog import RecordingBacklog

REFRESH_SECONDS = 15.0
NO_INSTANT = float("nan")
"""Every comparison with NaN is false, so no alert fires."""
PROMPT_EVENTS = {*ACT_NAMES, EventKind.OPENED, EventKind.REFUSED}
"""Events that input causes: their instant is that of their processing, so their lag is that of the record alone."""

log = logging.getLogger(__name__)


class RecordGauges:
    """Totals of all complaints. Every worker reports the same: aggregate with `max`, not `sum`."""

    def __init__(self, meter: MetricMeter) -> None:
        self._open = catalogue.OPEN.gauge(meter)
        self._overdue = catalogue.OVERDUE.gauge(meter)
        self._oldest_due = catalogue.OLDEST_DUE.gauge(meter)
        self._read = catalogue.READ.gauge(meter)
        self._letters = catalogue.LETTERS.gauge(meter)
        self._oldest_letter = catalogue.OLDEST_LETTER.gauge(meter)
        self._shown: set[tuple[str, str]] = set()

    def set_totals(self, read: ComplaintTotals) -> None:
        """Set the gauges of complaints. A group that no longer exists becomes 0."""
        groups = {(group.tier or "", str(group.status)): group for group in read.groups}
        for tier, status in self._shown | groups.keys():
            group = groups.get((tier, status))
            labels = {"tier": tier, "status": status}
            self._open.set(group.open if group else 0, labels)
            self._overdue.set(group.overdue if group else 0, labels)
        self._shown |= groups.keys()
        self._oldest_due.set(read.oldest_due_at.timestamp() if read.oldest_due_at else NO_INSTANT)
        self._read.set(now().timestamp())

    def set_letters(self, read: list[LetterTotals]) -> None:
        """Set the gauges of letters, for each channel also where none waits."""
        totals = {group.channel: group for group in read}
        for channel in map(str, CHANNELS):
            group = totals.get(channel)
            self._letters.set(group.waiting if group else 0, {"channel": channel, "state": "waiting"})
            self._letters.set(group.held if group else 0, {"channel": channel, "state": "held"})
            oldest = group.oldest_owed_at if group else None
            self._oldest_letter.set(oldest.timestamp() if oldest else NO_INSTANT, {"channel": channel})


class RecordingMetrics:
    """How late events are recorded. Only the first writing of an event counts."""

    def __init__(self, meter: MetricMeter) -> None:
        self._lateness = catalogue.LAPSE_LATENESS.histogram(meter)
        self._lag = catalogue.RECORD_LAG.histogram(meter)

    def observe(self, written: Written) -> None:
        for event in written.events:
            # A complaint in virtual time may be ahead of this clock.
            seconds = max(0.0, (written.at - event.at).total_seconds())
            if event.kind == EventKind.LAPSED:
                self._lateness.record(seconds)
            elif event.kind in PROMPT_EVENTS:
                self._lag.record(seconds)


async def refresh_backlog(meter: MetricMeter, backlog: RecordingBacklog) -> None:
    """Update how many complaints this worker cannot record, until cancelled."""
    unrecorded, forked = catalogue.UNRECORDED.gauge(meter), catalogue.FORKED.gauge(meter)
    while True:
        unrecorded.set(backlog.count())
        forked.set(backlog.count_forked())
        await asyncio.sleep(REFRESH_SECONDS)


async def refresh_keys_read(meter: MetricMeter, keys: KeyRing) -> None:
    """Update when this worker last had what it needs from the key store, until cancelled."""
    read = catalogue.KEYS_READ.gauge(meter)
    while True:
        if keys.read_at:
            read.set(keys.read_at.timestamp())
        await asyncio.sleep(REFRESH_SECONDS)


async def refresh_totals(meter: MetricMeter, engine: AsyncEngine) -> None:
    """Update the totals until cancelled.

    While PostgreSQL is unavailable the last totals stay, and `complaints_read_timestamp_seconds` shows their age.
    """
    gauges = RecordGauges(meter)
    while True:
        try:
            gauges.set_letters(await read_letter_totals(engine))
            gauges.set_totals(await read_totals(engine))
        except RecordError as error:
            log.debug("the totals could not be read", extra={"why": str(error)})
        await asyncio.sleep(REFRESH_SECONDS)
