"""Log as all of our processes do, without Temporal's line for each failed recording."""

import logging

from temporalio import activity, workflow

from activities.record import RECORD
from complaints.runtime.logs import configure_logging, temporal_context


def set_up_logs(level: str) -> None:
    configure_logging(level)
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
    activity.logger.base_logger.addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Drop Temporal's line for each failed attempt to record; the backlog logs the first."""
    return temporal_context(record).get("activity_type") != RECORD
