"""Find complaints with a stale calendar, and recalculate them.

The calendar in force is that of the holidays package, with the amendments on the record.
"""

import asyncio
from contextlib import aclosing

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from activities.recalendar import RecalendarBatch, Tally
from complaints.calendars.builder import further_years
from complaints.procedure.acts import Recalendar
from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.enums import Code
from complaints.procedure.policy import Policy
from complaints.records.calendar_amendments import ComplaintCalendar, list_amendments, list_calendars
from complaints.records.stale_calendars import AmendmentCache, build_recalendar, list_stale
from complaints.temporal.calls import CannotAnswerError, NoAnswerError, TemporalUnavailableError
from starter.client.send_act import ActRefusedError, send_update

NO_STAFF = "nobody"
"""The actor of acts that are built to compare calendars, and never sent."""
BATCH_SIZE = 100
MAX_CONCURRENT = 10
"""Updates sent at a time, so that a run leaves capacity for other work."""
AUTHORISATION_CODES = frozenset({Code.UNKNOWN_STAFF, Code.INACTIVE_STAFF, Code.UNCONFIRMED, Code.WRONG_ROLE})
"""Refusals of the actor: all complaints would give the same, each with an alert. The run ends."""
ANSWER_TIMEOUT_SECONDS = 30.0
"""A complaint that does not answer delays no other."""


class Recalculation:
    """Implements the activities of `activities.recalendar` and `activities.calendar`."""

    def __init__(self, client: Client, engine: AsyncEngine) -> None:
        self._client = client
        self._engine = engine

    async def further_years(self, policy: Policy, calendar: WorkingCalendar) -> WorkingCalendar:
        """Compute the years after `calendar`'s last day. Raises RecordUnreachableError."""
        return further_years(policy, calendar, await list_amendments(self._engine, policy.region))

    async def count_stale(self) -> int:
        """Count the open complaints with a stale calendar. Raises RecordUnreachableError."""
        return sum([1 async for _ in list_stale(self._engine, by=NO_STAFF)])

    async def find_stale(self, after: str) -> list[str]:
        """Return the next batch after the reference `after`. Raises RecordUnreachableError."""
        references: list[str] = []
        async with aclosing(list_stale(self._engine, by=NO_STAFF, after=after)) as complaints:
            async for complaint in complaints:
                references.append(complaint.carried.reference)
                if len(references) == BATCH_SIZE:
                    break
        return references

    async def redate(self, batch: RecalendarBatch) -> Tally:
        """Recalculate each complaint of a batch once, with an update.

        Raises RecordUnreachableError, TemporalUnavailableError, and a non-retryable ApplicationError
        where the actor may not do it.
        """
        amendments = AmendmentCache(self._engine)
        limit = asyncio.Semaphore(MAX_CONCURRENT)

        async def redate(carried: ComplaintCalendar) -> Tally:
            act = build_recalendar(
                carried.policy, carried.calendar, await amendments.get(carried.policy.region), batch.by, batch.run
            )
            async with limit:
                return await self._redate_one(carried.reference, act)

        calendars = await list_calendars(self._engine, batch.references)
        return sum(await asyncio.gather(*(redate(carried) for carried in calendars)), Tally())

    async def _redate_one(self, reference: str, act: Recalendar | None) -> Tally:
        """Send the act. None: the calendar is current by now, as after a worker's death."""
        if act is None:
            return Tally(redated=1)
        try:
            await send_update(self._client, reference, act, ANSWER_TIMEOUT_SECONDS)
        except ActRefusedError as error:
            code, sentence = error.refusal.code, error.refusal.sentence
            if code == Code.ALREADY_DONE:
                return Tally(redated=1)
            if code in AUTHORISATION_CODES:
                raise ApplicationError(sentence, type=code, non_retryable=True) from error
            return Tally(refused=[reference])
        except CannotAnswerError:
            return Tally(refused=[reference])
        except TemporalUnavailableError:
            raise  # the activity is retried
        except NoAnswerError:
            return Tally(unanswered=[reference])
        except RPCError:  # NOT_FOUND
            return Tally(gone=[reference])
        return Tally(redated=1)
