"""The figures that Prometheus reads: Temporal's own, and how the complaints stand."""

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
from complaints.records.totals import ComplaintTotals, standing
from complaints.runtime.clock import now
from complaints.settings import Address
from worker.observability.recording_backlog import Backlog

READ_EVERY = 15.0
"""Seconds."""
NONE = float("nan")
"""No instant: every comparison with it is false, so no alert goes off."""

log = logging.getLogger(__name__)


def make_runtime(metrics: Address | None) -> Runtime:
    """For the worker's client. Raises ValueError when `metrics` cannot be listened on."""
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
    """How all complaints stand. Every worker tells the same, so take the greatest (`max`) of them, not the sum."""

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
            "complaints_read_timestamp_seconds", "When these figures were last read from the record."
        )
        self._shown: set[tuple[str, str]] = set()

    def show(self, read: ComplaintTotals) -> None:
        """What there was, and is no more, becomes 0."""
        groups = {(group.tier or "", str(group.status)): group for group in read.groups}
        for tier, status in self._shown | groups.keys():
            group = groups.get((tier, status))
            labels = {"tier": tier, "status": status}
            self._open.set(group.open if group else 0, labels)
            self._overdue.set(group.overdue if group else 0, labels)
        self._shown |= groups.keys()
        self._oldest_due.set(read.oldest_due_at.timestamp() if read.oldest_due_at else NONE)
        self._read.set(now().timestamp())

    def show_unrecorded(self, complaints: int) -> None:
        self._unrecorded.set(complaints)


async def keep_current(gauges: Gauges, engine: AsyncEngine, backlog: Backlog) -> None:
    """For ever. While the record is away the last figures stay, and the instant at which they were read tells."""
    while True:
        gauges.show_unrecorded(backlog.behind())
        try:
            gauges.show(await standing(engine))
        except RecordError as error:
            log.debug("the figures could not be read", extra={"why": str(error)})
        await asyncio.sleep(READ_EVERY)
