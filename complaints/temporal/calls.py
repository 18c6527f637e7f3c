"""Calls to workflows: each has a timeout, and an error that says why no answer came."""

import asyncio
from collections.abc import Awaitable, Sequence
from typing import Any, TypeVar

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import (
    WorkflowExecutionStatus,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.common import QueryRejectCondition
from temporalio.service import RPCError, RPCStatusCode

from complaints.encryption.data_keys import KeyDestroyedError, KeysUnreachableError

ANSWER_TIMEOUT_SECONDS = 9.0
"""A command, its start included, then ends within ten seconds."""

T = TypeVar("T")


class NoAnswerError(Exception):
    """Temporal or a worker did not answer; a retry may succeed."""


class TemporalUnavailableError(NoAnswerError):
    """Temporal itself did not accept the call."""


class CannotAnswerError(Exception):
    """The workflow failed to answer: a fault of this program."""


class WorkflowEndedError(CannotAnswerError):
    """The workflow was terminated, or it failed or timed out: nothing of it goes on."""


async def call_with_timeout(call: Awaitable[T], timeout_seconds: float | None = None) -> T:
    """Await a call to a workflow, by default for `ANSWER_TIMEOUT_SECONDS`.

    Raises NoAnswerError, CannotAnswerError, WorkflowEndedError, and temporalio's RPCError for NOT_FOUND alone: also
    where the complaint's keys are destroyed, so that the caller answers from the record.
    """
    try:
        async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS if timeout_seconds is None else timeout_seconds):
            return await call
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
        raise NoAnswerError("no worker answered") from error
    except KeysUnreachableError as error:
        raise NoAnswerError("the key store did not answer") from error
    except KeyDestroyedError as error:
        raise RPCError(str(error), RPCStatusCode.NOT_FOUND, b"") from error
    except WorkflowQueryRejectedError as error:
        raise WorkflowEndedError("the complaint's workflow was terminated, or it failed") from error
    except WorkflowQueryFailedError as error:
        raise CannotAnswerError(f"the complaint could not answer: {error}") from error
    except RPCError as error:
        if is_about_namespace(error):
            raise TemporalUnavailableError(f"Temporal: {error.message}") from error
        if error.status is RPCStatusCode.NOT_FOUND:
            raise
        if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
            raise NoAnswerError("no worker answered") from error
        raise TemporalUnavailableError(f"Temporal did not take it: {error.message}") from error


def is_about_namespace(error: RPCError) -> bool:
    """Whether the namespace was not found, rather than the workflow."""
    return any(detail.Is(NamespaceNotFoundFailure.DESCRIPTOR) for detail in error.grpc_status.details)


QUERY_RETRY = "asked while something was under way; ask again"
"""The error of a query that would run ahead of the history (`worker/workflow_runner.py`)."""
QUERY_RETRY_SECONDS = 0.05


async def query_workflow(
    handle: WorkflowHandle[Any, Any], query: str, result_type: type[T], args: Sequence[Any] = ()
) -> T:
    """Query a workflow, again and again while it cannot answer for an instant.

    One that was terminated or failed is not queried: its answer would be stale.
    Use it with a timeout, such as that of `call_with_timeout`.
    """
    while True:
        try:
            answer: T = await handle.query(
                query,
                args=args,
                result_type=result_type,
                reject_condition=QueryRejectCondition.NOT_COMPLETED_CLEANLY,
            )
        except WorkflowQueryFailedError as error:
            if str(error) != QUERY_RETRY:
                raise
        except WorkflowQueryRejectedError as error:
            if error.status is not WorkflowExecutionStatus.CONTINUED_AS_NEW:
                raise
        except RPCError as error:
            if error.status is not RPCStatusCode.FAILED_PRECONDITION:  # it is continuing as new
                raise
        else:
            return answer
        await asyncio.sleep(QUERY_RETRY_SECONDS)
