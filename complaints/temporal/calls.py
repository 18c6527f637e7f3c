"""Waiting for a complaint's answer, for as long as its caller can, and telling apart why none came."""

import asyncio
from collections.abc import Awaitable
from typing import TypeVar

from temporalio.api.errordetails.v1 import NamespaceNotFoundFailure
from temporalio.client import (
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

ANSWER_WITHIN = 9.0
"""Seconds: with its own start, a command ends within ten."""

T = TypeVar("T")


class NoAnswerError(Exception):
    """Temporal did not take it, or no worker answered; the same may succeed later."""


class CannotAnswerError(Exception):
    """The complaint was asked and could not answer: a fault of ours."""


async def answered(call: Awaitable[T], within: float | None = None) -> T:
    """The answer of a workflow, within so many seconds, or the usual ones.

    Raises NoAnswerError and CannotAnswerError; NOT_FOUND, as temporalio's RPCError, is left to the caller.
    """
    try:
        async with asyncio.timeout(ANSWER_WITHIN if within is None else within):
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
