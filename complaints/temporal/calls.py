"""Waiting for a complaint's answer, for as long as its caller can, and telling apart why none came."""

import asyncio
from collections.abc import Awaitable
from typing import Any, TypeVar

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import (
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

ANSWER_TIMEOUT_SECONDS = 9.0
"""Seconds: with its own start, a command ends within ten."""

T = TypeVar("T")


class NoAnswerError(Exception):
    """Temporal did not take it, or no worker answered; the same may succeed later."""


class CannotAnswerError(Exception):
    """The complaint was asked and could not answer: a fault of ours."""


async def call_with_timeout(call: Awaitable[T], within: float | None = None) -> T:
    """The answer of a workflow, within so many seconds, or the usual ones.

    Raises NoAnswerError and CannotAnswerError; NOT_FOUND, as temporalio's RPCError, is left to the caller.
    """
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS if within is None else within):
            return await call
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
        raise NoAnswerError("no worker answered") from error
    except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as error:
        raise CannotAnswerError(f"the complaint could not answer: {error}") from error
    except RPCError as error:
        if _is_about_namespace(error):
            raise NoAnswerError(f"Temporal: {error.message}") from error
        if error.status is RPCStatusCode.NOT_FOUND:
            raise
        if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
            raise NoAnswerError("no worker answered") from error
        raise NoAnswerError(f"Temporal did not take it: {error.message}") from error


def _is_about_namespace(error: RPCError) -> bool:
    """Whether the whole namespace is missing, and not a complaint in it."""
    return any(detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in error.grpc_status.details)


QUERY_RETRY = "asked while something was under way; ask again"
"""What a query is answered that would have made its complaint run ahead (`worker/sandbox/query_guard.py`)."""


QUERY_RETRY_SECONDS = 0.05
"""Seconds."""


QueryResult = TypeVar("QueryResult")


async def query_workflow(handle: WorkflowHandle[Any, Any], query: str, result_type: type[QueryResult]) -> QueryResult:
    """A query's answer. Who cannot answer for an instant, as in the midst of something, is asked again."""
    while True:
        try:
            answer: QueryResult = await handle.query(query, result_type=result_type)
        except WorkflowQueryFailedError as error:
            if str(error) != QUERY_RETRY:
                raise
        except RPCError as error:
            if error.status is not RPCStatusCode.FAILED_PRECONDITION:  # it has just continued as new
                raise
        else:
            return answer
        await asyncio.sleep(QUERY_RETRY_SECONDS)
