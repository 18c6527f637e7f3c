"""Metrics for Prometheus: Temporal's own, and totals of complaints."""

import asyncio
import logging

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.common import MetricMeter
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from complaints.records.database import RecordError
from complaints.records.totals import ComplaintTotals, read_totals
from complaints.runtime.clock import now
from complaints.settings import Address
from worker.observability.recording_backlog import RecordingBacklog

REFRESH_SECONDS = 15.0
NO_INSTANT = float("nan")
"""Every comparison with NaN is false, so no alert fires."""

log = logging.getLogger(__name__)


def make_runtime(metrics: Address | None) -> Runtime:
    """Return the runtime of the client. Raises ValueError where it cannot listen on `metrics`."""
    return Runtime(
        telemetry=TelemetryConfig(
            logging=LoggingConfig(
                filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
                forwarding=LogForwardingConfig(
                    logger=logging.getLogger("temporalio"),
                    # Its fields quote failures, and these what somebody wrote.
                    append_log_fields_to_message=False,
                    prepend_target_on_message=False,
                ),
            ),
            metrics=PrometheusConfig(
                bind_address=str(metrics), durations_as_seconds=True, unit_suffix=True, counters_total_suffix=True
            )
            if metrics
            else None,
            attach_service_name=False,
        )
    )


class Gauges:
    """Totals of all complaints. Every worker reports the same: aggregate with `max`, not `sum`."""

    def __init__(self, meter: MetricMeter) -> None:
        self._open = meter.create_gauge("complaints_open", "Open complaints.")
        self._overdue = meter.create_gauge("complaints_overdue", "Complaints past a deadline or an undertaking's date.")
        self._unrecorded = meter.create_gauge(
            "complaints_unrecorded", "Complaints that this worker cannot record at the moment; sum over the workers."
        )
        self._oldest_due = meter.create_gauge_float(
            "complaints_oldest_due_timestamp_seconds",
            "The next instant at which anything is due, NaN for none: it is past only while something does not happen "
            "or is not recorded, so alert on time() - max(complaints_oldest_due_timestamp_seconds) > 60.",
        )
        self._read = meter.create_gauge_float(
            "complaints_read_timestamp_seconds", "When these metrics were last read from the record."
        )
        self._shown: set[tuple[str, str]] = set()

    def set_totals(self, read: ComplaintTotals) -> None:
        """Set the gauges. A group that no longer exists becomes 0."""
        groups = {(group.tier or "", str(group.status)): group for group in read.groups}
        for tier, status in self._shown | groups.keys():
            group = groups.get((tier, status))
            labels = {"tier": tier, "status": status}
            self._open.set(group.open if group else 0, labels)
            self._overdue.set(group.overdue if group else 0, labels)
        self._shown |= groups.keys()
        self._oldest_due.set(read.oldest_due_at.timestamp() if read.oldest_due_at else NO_INSTANT)
        self._read.set(now().timestamp())

    def set_unrecorded(self, complaints: int) -> None:
        self._unrecorded.set(complaints)


async def refresh_gauges(gauges: Gauges, engine: AsyncEngine, backlog: RecordingBacklog) -> None:
    """Update the gauges until cancelled.

    While PostgreSQL is unavailable the last values stay, and `complaints_read_timestamp_seconds` shows their age.
    """
    while True:
        gauges.set_unrecorded(backlog.count())
        try:
            gauges.set_totals(await read_totals(engine))
        except RecordError as error:
            log.debug("the totals could not be read", extra={"why": str(error)})
        await asyncio.sleep(REFRESH_SECONDS)
