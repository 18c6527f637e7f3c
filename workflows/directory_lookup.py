"""Asks the staff directory. To read harms nothing: a task that is lost with its worker asks once more."""

import asyncio

from temporalio import workflow
from temporalio.exceptions import FailureError

from workflows import timeouts

with workflow.unsafe.imports_passed_through():
    from activities.directory import DirectoryActivities
    from complaints.procedure.directory_lookup import DirectoryQuery, DirectoryResult

SUMMARY = "ask the staff directory"


async def ask_at_once(question: DirectoryQuery, beside: asyncio.Lock) -> DirectoryResult | None:
    """Beside the workflow task; None where it cannot be answered at once."""
    async with beside:
        try:
            return await workflow.execute_local_activity_method(
                DirectoryActivities.find, question, summary=SUMMARY, **timeouts.ASK_AT_ONCE
            )
        except FailureError:
            return None


async def ask_until_done(question: DirectoryQuery) -> DirectoryResult:
    """The server waits, and an operator sees why."""
    return await workflow.execute_activity_method(
        DirectoryActivities.find, question, summary=SUMMARY, **timeouts.ASK_UNTIL_DONE
    )
