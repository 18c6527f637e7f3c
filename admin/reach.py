"""Reaching Temporal and the record, every call within a time limit, every failure as one clear line."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import (
    Client,
    WorkflowHandle,
    WorkflowQueryFailedError,
    WorkflowQueryRejectedError,
    WorkflowUpdateRPCTimeoutOrCancelledError,
)
from temporalio.service import RPCError, RPCStatusCode

from admin.exits import CommandError, Exit, bad_input, unreachable
from complaints.procedure.mistakes import mistakes_in
from complaints.records.engine import RecordUnreachableError, make_engine
from complaints.settings import Settings, read_environment
from complaints.temporal import TemporalUnreachableError, connect

ANSWER_WITHIN = 10.0
"""Seconds."""

T = TypeVar("T")


@dataclass(frozen=True)
class Reach:
    """What a command needs: the settings, and ways to Temporal and to the record."""

    environment: dict[str, str]
    settings: Settings

    @classmethod
    def read(cls) -> "Reach":
        environment = read_environment()
        try:
            return cls(environment, Settings.read(environment))
        except ValidationError as error:
            raise bad_input(*(f"COMPLAINTS_{line}" for line in mistakes_in(error))) from error

    async def temporal(self) -> Client:
        try:
            async with asyncio.timeout(ANSWER_WITHIN):
                return await connect(self.environment)
        except TemporalUnreachableError as error:
            raise unreachable(str(error)) from error
        except TimeoutError as error:
            raise unreachable("Temporal did not answer") from error

    @asynccontextmanager
    async def record(self) -> AsyncIterator[AsyncEngine]:
        if self.settings.database_url is None:
            raise unreachable("COMPLAINTS_DATABASE_URL is not set, and no local stack runs (make up)")
        engine = make_engine(self.settings.database_url, pool_size=1)
        try:
            yield engine
        except RecordUnreachableError as error:
            raise unreachable(f"PostgreSQL cannot be reached: {error}") from error
        finally:
            await engine.dispose()


def run(command: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(command)


async def answered(call: Awaitable[T], hint: str) -> T:
    """The answer of a workflow; `hint` says what to do if none comes. NOT_FOUND is left to the caller."""
    try:
        async with asyncio.timeout(ANSWER_WITHIN):
            return await call
    except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError) as error:
        raise unreachable(f"no worker answered; {hint}") from error
    except (WorkflowQueryFailedError, WorkflowQueryRejectedError) as error:
        raise CommandError(Exit.FAILED, f"the complaint could not answer: {error}") from error
    except RPCError as error:
        if error.status is RPCStatusCode.NOT_FOUND:
            raise
        if error.status in (RPCStatusCode.DEADLINE_EXCEEDED, RPCStatusCode.CANCELLED):
            raise unreachable(f"no worker answered; {hint}") from error
        raise unreachable(f"Temporal did not take it: {error.message}; {hint}") from error


def handle_of(client: Client, reference: str) -> WorkflowHandle[Any, Any]:
    return client.get_workflow_handle(reference)
