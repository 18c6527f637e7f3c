"""Query the staff directory.

Reading has no effect, so a workflow task that is run again may repeat it.
"""

import asyncio

from temporalio import workflow
from temporalio.exceptions import FailureError

from activities.directory import DirectoryActivities
from complaints.procedure.directory_lookup import DirectoryQuery, DirectoryResult
from complaints.temporal.execution import execute_activity
from complaints.temporal.summaries import fit_summary
from workflows import timeouts

SUMMARY = fit_summary("ask the staff directory")


async def query_by_local_activity(query: DirectoryQuery, local_activity_lock: asyncio.Lock) -> DirectoryResult | None:
    """Query within the workflow task. Return None where the local activity fails."""
    async with local_activity_lock:
        try:
            return await workflow.execute_local_activity_method(
                DirectoryActivities.find, query, summary=SUMMARY, **timeouts.QUERY_DIRECTORY_LOCALLY
            )
        except FailureError:
            return None


async def query_by_activity(query: DirectoryQuery) -> DirectoryResult:
    """Query with retries on the server, visible to operators, until the directory answers."""
    return await execute_activity(DirectoryActivities.find, query, summary=SUMMARY, **timeouts.QUERY_DIRECTORY)
