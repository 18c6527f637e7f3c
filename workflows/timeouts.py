"""Timeouts and retry policies of the activities."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy

FORKED = "RecordForkedError"
"""The type of the error where the record holds another event under a number."""

RETRY_BACKGROUND_WORK = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
"""The retry policy of work for which no caller waits."""

RECORD_LOCALLY: dict[str, Any] = {
    "start_to_close_timeout": timedelta(seconds=1),
    "retry_policy": RetryPolicy(maximum_attempts=1),
}
"""A local activity, one attempt: a single history event while PostgreSQL is available."""

RECORD: dict[str, Any] = {
    "start_to_close_timeout": timedelta(seconds=5),
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=3)),
}
"""Retried without limit while PostgreSQL is unavailable, as no transition may be lost."""

RECORD_UNLESS_FORKED: dict[str, Any] = RECORD | {
    "retry_policy": replace(RECORD["retry_policy"], non_retryable_error_types=[FORKED])
}
"""Ends where the record holds other events, so that the workflow can say so."""

QUERY_DIRECTORY_LOCALLY = RECORD_LOCALLY
"""A local activity too; it answers from the worker's copy while PostgreSQL is unavailable."""

QUERY_DIRECTORY = RECORD
"""Acts wait for it, as nobody may act unauthorised."""

FETCH_CALENDAR: dict[str, Any] = {"start_to_close_timeout": timedelta(seconds=30)}
"""Computes the holidays of four years from a package; retried until it succeeds."""

ANONYMISE: dict[str, Any] = {"start_to_close_timeout": timedelta(minutes=2), "retry_policy": RETRY_BACKGROUND_WORK}
"""Reads the record, or anonymises a batch in one transaction."""

ERASE: dict[str, Any] = {
    "start_to_close_timeout": timedelta(minutes=5),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": RETRY_BACKGROUND_WORK,
}
"""Runs until nothing is left."""

DELIVER: dict[str, Any] = {
    "start_to_close_timeout": timedelta(minutes=5),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": RetryPolicy(
        initial_interval=timedelta(seconds=2),
        maximum_interval=timedelta(minutes=5),
        non_retryable_error_types=["ChannelRefusedError"],
    ),
}
"""Retried while a channel is unavailable, not where it refuses the message.

Each step of an attempt has a shorter timeout of its own."""

FIND_STALE: dict[str, Any] = {
    "start_to_close_timeout": timedelta(minutes=10),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": RETRY_BACKGROUND_WORK,
}
"""Reads all open complaints of the record."""

REDATE: dict[str, Any] = {
    "start_to_close_timeout": timedelta(hours=1),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": RETRY_BACKGROUND_WORK,
}
"""Updates a batch of complaints; one that does not answer within 30 seconds is left out."""

FINISH_RUN: dict[str, Any] = {
    "start_to_close_timeout": timedelta(seconds=30),
    "retry_policy": RETRY_BACKGROUND_WORK,
}
"""Claims or finishes a run on the record."""

START_LATER: dict[str, Any] = {
    "start_to_close_timeout": timedelta(seconds=30),
    "retry_policy": RETRY_BACKGROUND_WORK,
}
"""Starts a workflow."""

DRAFT: dict[str, Any] = {
    "start_to_close_timeout": timedelta(minutes=30),
    "heartbeat_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(initial_interval=timedelta(minutes=1), maximum_interval=timedelta(hours=1)),
}
"""Reads a year of the record. Retries are minutes apart, as a person must remove the cause of a failure."""
