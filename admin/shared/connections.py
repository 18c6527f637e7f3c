"""Reaching Temporal and the record, every call within a time limit, every failure as one clear line."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from admin.shared.context import CommandContext
from admin.shared.errors import CommandError, Exit, unreachable
from complaints.records.database import RecordError, RecordUnreachableError, make_engine
from complaints.temporal import calls
from complaints.temporal.calls import ANSWER_TIMEOUT_SECONDS, CannotAnswerError, NoAnswerError
from complaints.temporal.client import TemporalUnreachableError, connect

NOT_THERE = "does not exist"
"""What PostgreSQL says of a table or column which a migration would make."""

T = TypeVar("T")


@dataclass(frozen=True)
class Connections:
    """The ways to Temporal and to the record."""

    context: CommandContext

    async def temporal(self) -> Client:
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                return await connect(self.context.environment)
        except TemporalUnreachableError as error:
            raise unreachable(str(error)) from error
        except TimeoutError as error:
            raise unreachable("Temporal did not answer") from error

    @asynccontextmanager
    async def record(self, answer_within: float | None = ANSWER_TIMEOUT_SECONDS) -> AsyncIterator[AsyncEngine]:
        """`answer_within` seconds; None: however long it takes."""
        url = self.context.settings.database_url
        if url is None:
            raise unreachable("COMPLAINTS_DATABASE_URL is not set, and no local stack runs (make up)")
        try:
            engine = make_engine(url, pool_size=1, command_seconds=answer_within)
            try:
                yield engine
            finally:
                await engine.dispose()
        except RecordUnreachableError as error:
            raise unreachable(str(error)) from error
        except RecordError as error:
            hint = "; bring it up to date with: python -m complaints.records.migrate" if NOT_THERE in str(error) else ""
            raise CommandError(Exit.FAILED, f"{error}{hint}") from error


def run(command: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(command)


async def call_workflow(call: Awaitable[T], hint: str) -> T:
    """The answer of a workflow; `hint` says what to do if none comes. NOT_FOUND is left to the caller."""
    try:
        return await calls.call_with_timeout(call)
    except NoAnswerError as error:
        raise unreachable(f"{error}; {hint}") from error
    except CannotAnswerError as error:
        raise CommandError(Exit.FAILED, str(error)) from error
