"""A worker's log: what all of ours log, without what Temporal would say of each try."""

import logging

from temporalio import activity, workflow

from activities.record import RECORD
from complaints.runtime.logs import of_temporal, set_up


def set_up_logs(level: str) -> None:
    set_up(level)
    workflow.logger.workflow_info_on_message = False
    activity.logger.activity_info_on_message = False
    activity.logger.base_logger.addFilter(_is_news)


def _is_news(record: logging.LogRecord) -> bool:
    """Each try of a recording that fails is a line of Temporal's; the backlog tells it once."""
    return of_temporal(record).get("activity_type") != RECORD
