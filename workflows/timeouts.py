"""How long the workflow waits for its activities, and how they are tried again."""

from datetime import timedelta
from typing import Any

from temporalio.common import RetryPolicy

UNTIL_IT_SUCCEEDS = RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=30))
"""For work that nobody waits for."""

RECORD_AT_ONCE: dict[str, Any] = {
    "start_to_close_timeout": timedelta(seconds=1),
    "retry_policy": RetryPolicy(maximum_attempts=1),
}
"""One quick try beside the workflow task: a single event in the history while PostgreSQL is well."""

RECORD_UNTIL_DONE: dict[str, Any] = {
    "start_to_close_timeout": timedelta(seconds=5),
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=1), maximum_interval=timedelta(seconds=3)),
}
"""While PostgreSQL is away the server waits, and an operator sees why; no limit, for nothing may be lost."""

ASK_AT_ONCE = RECORD_AT_ONCE
"""The staff directory: beside the workflow task too, while a worker can read it or knows it from before."""

ASK_UNTIL_DONE = RECORD_UNTIL_DONE
"""Acts wait meanwhile, for nobody may act unknown."""

FETCH_CALENDAR: dict[str, Any] = {"start_to_close_timeout": timedelta(seconds=30)}
"""Reckons the holidays of four years from a package; quick, and tried until it succeeds."""

ANONYMISE: dict[str, Any] = {"start_to_close_timeout": timedelta(minutes=2), "retry_policy": UNTIL_IT_SUCCEEDS}
"""Looks through the record, or takes some hundred complaints; a batch cut short has done nothing."""

ERASE: dict[str, Any] = {
    "start_to_close_timeout": timedelta(minutes=5),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": UNTIL_IT_SUCCEEDS,
}
"""Until nothing is left."""

DELIVER: dict[str, Any] = {
    "start_to_close_timeout": timedelta(minutes=5),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": RetryPolicy(initial_interval=timedelta(seconds=2), maximum_interval=timedelta(minutes=5)),
}
"""A channel that is down is tried for as long as it takes. Each step of a try has a shorter timeout of its own."""

FIND_STALE: dict[str, Any] = {
    "start_to_close_timeout": timedelta(minutes=10),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": UNTIL_IT_SUCCEEDS,
}
"""Reads the record, which may hold many open complaints."""

REDATE: dict[str, Any] = {
    "start_to_close_timeout": timedelta(hours=1),
    "heartbeat_timeout": timedelta(seconds=10),
    "retry_policy": UNTIL_IT_SUCCEEDS,
}
"""Tells a batch of complaints; one that does not answer is left out after half a minute."""

DRAFT: dict[str, Any] = {
    "start_to_close_timeout": timedelta(minutes=30),
    "heartbeat_timeout": timedelta(seconds=30),
    "retry_policy": RetryPolicy(initial_interval=timedelta(minutes=1), maximum_interval=timedelta(hours=1)),
}
"""Reads a year of the record. Nobody waits for it, and what keeps it from being written is put right by a person."""
