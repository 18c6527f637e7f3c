"""Execute an activity until a worker of ours has completed it.

Anybody who reaches Temporal can complete or fail an activity. The codec knows such a result from ours
(`complaints.encryption`). Then the activity is executed again, and a line in the log says so.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from temporalio import workflow
from temporalio.exceptions import ActivityError, ApplicationError

from complaints.encryption.foreign import FOREIGN_FAILURE
from complaints.temporal.summaries import fit_summary

Result = TypeVar("Result")

log = workflow.LoggerAdapter(logging.getLogger(__name__), None)
log.workflow_info_on_message = False


async def execute_activity(
    activity: Callable[..., Awaitable[Result]], *args: Any, summary: str | None = None, **options: Any
) -> Result:
    """Return the activity's result. Raises ActivityError for a failure of our own.

    `options` are those of Temporal's function. Each execution has an id of its own, with which its result is
    encrypted, so that no other activity's result can take its place.
    """
    while True:
        try:
            return await workflow.execute_activity(
                activity,
                args=args,
                activity_id=str(workflow.uuid4()),
                summary=fit_summary(summary) if summary else None,
                **options,
            )
        except ActivityError as error:
            if is_ours(error) or _is_cancelled():
                raise
            log.warning("foreign activity result", extra={"activity": error.activity_type, "by": error.identity})


def is_ours(error: ActivityError) -> bool:
    """Return whether the activity itself failed.

    No timeout ends an activity of ours: all are retried.
    """
    return isinstance(error.cause, ApplicationError) and error.cause.type != FOREIGN_FAILURE


def _is_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
