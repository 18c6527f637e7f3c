"""Log as all of our processes do, without Temporal's line for each expected failure."""

import logging

from temporalio import activity, workflow

from activities.delivery import DELIVER
from activities.record import RECORD
from complaints.channels.errors import ChannelUnavailableError
from complaints.records.database import RecordUnreachableError
from complaints.records.deliveries import DeliveryClaimedError
from complaints.runtime.logs import configure_logging, temporal_context
from workflows import telemetry

EXPECTED_ERRORS = (ChannelUnavailableError, DeliveryClaimedError)
"""Errors of attempts to send, which `worker.delivery.channel_health` counts and logs once a minute."""


def set_up_logs(level: str, build: str | None, *, is_replay: bool = False) -> None:
    """Log from `level` on. `build` is in each line; None: the product's version.

    `is_replay`: leave out what complaints log when it happens, as it happened before.
    """
    configure_logging(level, build)
    if is_replay:
        for handler in logging.getLogger().handlers:
            handler.addFilter(lambda record: record.name != telemetry.__name__)
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
    activity.logger.base_logger.addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Drop Temporal's line for each failed attempt that other lines report."""
    kind = temporal_context(record).get("activity_type")
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, RecordUnreachableError) and kind == DELIVER:
        return False
    return kind != RECORD and not isinstance(error, EXPECTED_ERRORS)
