"""The endpoint for Prometheus, and the runtime of the Temporal client that serves it."""

import logging

from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)

from complaints.metrics.catalogue import METRICS, TEMPORAL_BUCKETS
from complaints.runtime.service import cannot_listen
from complaints.settings import Address


def open_runtime(setting: str, metrics: Address | None) -> Runtime:
    """Return the client's runtime; it serves `/metrics` on the address that `setting` names.

    None: there is no endpoint, and the instruments of its meter do nothing. Raises StartupError.
    """
    try:
        return make_runtime(metrics)
    except ValueError as error:
        if metrics is None:
            raise
        raise cannot_listen(setting, metrics, error) from error


def make_runtime(metrics: Address | None) -> Runtime:
    """Return the runtime. Raises ValueError where it cannot listen on `metrics`."""
    buckets = {metric.name: metric.buckets for metric in METRICS if metric.buckets}
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
                bind_address=str(metrics),
                durations_as_seconds=True,
                unit_suffix=True,
                counters_total_suffix=True,
                histogram_bucket_overrides=buckets | TEMPORAL_BUCKETS,
            )
            if metrics
            else None,
            attach_service_name=False,
        )
    )
