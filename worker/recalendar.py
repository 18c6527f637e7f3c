"""The holidays that are in force (what the package knows, as the record amends it), and who carries others."""

import asyncio
from contextlib import aclosing

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError, RPCStatusCode

from activities.recalendar import RecalendarBatch, Tally
from complaints.calendars.builder import further_years
from complaints.procedure.acts import Recalendar
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.enums import Code
from complaints.procedure.policy import Policy
from complaints.procedure.state import Answer
from complaints.records.calendar_amendments import Carried, amendments_of, carried_by
from complaints.records.stale_calendars import KnownAmendments, recalendar_act, stale

NO_STAFF = "nobody"
"""Where they are only looked for."""
A_BATCH = 100
TOLD_AT_ONCE = 10
"""A run leaves room for what else is to be done."""
NOT_BY_THEM = frozenset({Code.UNKNOWN_STAFF, Code.INACTIVE_STAFF, Code.WRONG_ROLE})
"""What one complaint refuses so, all would, and each would alert its lead: the run ends."""
ANSWER_TIMEOUT_SECONDS = 30.0
"""Seconds: a complaint that does not answer holds up no other."""


class Recalculation:
    def __init__(self, client: Client, engine: AsyncEngine) -> None:
        self._client = client
        self._engine = engine

    async def further_years(self, policy: Policy, calendar: WorkingCalendar) -> WorkingCalendar:
        """Raises RecordUnreachableError."""
        return further_years(policy, calendar, await amendments_of(self._engine, policy.region))

    async def count_stale(self) -> int:
        """Raises RecordUnreachableError."""
        return sum([1 async for _ in stale(self._engine, by=NO_STAFF)])

    async def find_stale(self, after: str) -> list[str]:
        """The next few. Raises RecordUnreachableError."""
        found: list[str] = []
        async with aclosing(stale(self._engine, by=NO_STAFF, after=after)) as those:
            async for each in those:
                found.append(each.carried.reference)
                if len(found) == A_BATCH:
                    break
        return found

    async def redate(self, batch: RecalendarBatch) -> Tally:
        """Raises RecordUnreachableError, and RPCError where Temporal does not answer.

        Raises ApplicationError, not to be tried again, where whoever has it done may not.
        """
        known = KnownAmendments(self._engine)
        at_once = asyncio.Semaphore(TOLD_AT_ONCE)

        async def tell(carried: Carried) -> Tally:
            act = recalendar_act(
                carried.policy, carried.calendar, await known.of(carried.policy.region), batch.by, batch.run
            )
            async with at_once:
                return await self._tell(carried.reference, act)

        told = await asyncio.gather(*(tell(each) for each in await carried_by(self._engine, batch.references)))
        return sum(told, Tally())

    async def _tell(self, reference: str, act: Recalendar | None) -> Tally:
        """None: it has been told since it was found, as by a worker that died before it could say so."""
        if act is None:
            return Tally(redated=1)
        handle = self._client.get_workflow_handle(reference)
        try:
            async with asyncio.timeout(ANSWER_TIMEOUT_SECONDS):
                await handle.execute_update(act.name, act, id=act.id, result_type=Answer)
        except WorkflowUpdateFailedError as error:
            cause = error.cause
            if isinstance(cause, ApplicationError) and cause.type == Code.ALREADY_DONE:
                return Tally(redated=1)
            if isinstance(cause, ApplicationError) and cause.type in NOT_BY_THEM:
                raise ApplicationError(cause.message, type=cause.type, non_retryable=True) from error
            return Tally(refused=[reference])
        except (TimeoutError, WorkflowUpdateRPCTimeoutOrCancelledError):
            return Tally(unanswered=[reference])
        except RPCError as error:
            if error.status is not RPCStatusCode.NOT_FOUND:
                raise
            return Tally(gone=[reference])
        return Tally(redated=1)
