"""Connections to Temporal and PostgreSQL.

Every call has a timeout; every failure becomes a one-line CommandError.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from admin.local_stack.context import CommandContext
from admin.shared.errors import CommandError, Exit, unreachable
from complaints.encryption.data_keys import KeyRing
from complaints.encryption.key_ring import open_key_ring
from complaints.records.database import RecordError, RecordUnreachableError, make_engine
from complaints.runtime.service import StartupError
from complaints.temporal import calls
from complaints.temporal.calls import ANSWER_TIMEOUT_SECONDS, CannotAnswerError, NoAnswerError, WorkflowEndedError
from complaints.temporal.client import TemporalUnreachableError, connect

MISSING_TABLE = "does not exist"
"""Part of PostgreSQL's message about a table or column that a migration would create."""

T = TypeVar("T")


@dataclass(frozen=True)
class Connections:
    context: CommandContext

    @asynccontextmanager
    async def temporal(self) -> AsyncIterator[Client]:
        """Connect to Temporal, with the data keys. Raises CommandError."""
        with command_errors():
            async with open_key_ring(self.context.settings) as keys:
                yield await self._connect(keys)

    async def _connect(self, keys: KeyRing) -> Client:
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                return await connect(self.context.environment, keys)
        except TimeoutError as error:
            raise unreachable("Temporal did not answer") from error

    @asynccontextmanager
    async def record(self, timeout_seconds: float | None = ANSWER_TIMEOUT_SECONDS) -> AsyncIterator[AsyncEngine]:
        """Connect to the record. Raises CommandError.

        `timeout_seconds` limits each statement; None: no limit.
        """
        with command_errors():
            async with self.open_record(timeout_seconds) as engine:
                yield engine

    @asynccontextmanager
    async def open_record(self, timeout_seconds: float | None) -> AsyncIterator[AsyncEngine]:
        """Connect to the record, as `record` does, but raise RecordError and RecordUnreachableError."""
        url = self.context.settings.database_url
        if url is None:
            raise RecordUnreachableError("COMPLAINTS_DATABASE_URL is not set, and no local stack runs (make up)")
        async with open_key_ring(self.context.settings) as keys:
            engine = make_engine(url, keys=keys, pool_size=1, command_timeout_seconds=timeout_seconds)
            try:
                yield engine
            finally:
                await engine.dispose()


def run(command: Coroutine[Any, Any, T]) -> T:
    return asyncio.run(command)


async def call_workflow(call: Awaitable[T], hint: str) -> T:
    """Call a workflow within the time limit. Raises CommandError.

    `hint` says what to do if no answer comes. NOT_FOUND, as temporalio's RPCError, is left to the caller.
    """
    with command_errors(hint):
        return await calls.call_with_timeout(call)


@contextmanager
def command_errors(hint: str | None = None) -> Iterator[None]:
    """Translate the errors of Temporal and the record to CommandError.

    `hint` says what to do if a workflow does not answer. WorkflowEndedError is left to the caller.
    """
    try:
        yield
    except NoAnswerError as error:
        raise unreachable(f"{error}; {hint}" if hint else str(error)) from error
    except (TemporalUnreachableError, RecordUnreachableError, StartupError) as error:
        raise unreachable(str(error)) from error
    except WorkflowEndedError:
        raise
    except CannotAnswerError as error:
        raise CommandError(Exit.FAILED, str(error)) from error
    except RecordError as error:
        remedy = "; bring it up to date with: python -m complaints.records.migrate"
        raise CommandError(Exit.FAILED, f"{error}{remedy if MISSING_TABLE in str(error) else ''}") from error
