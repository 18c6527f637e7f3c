"""Check each day for open complaints with a stale calendar, and alert their leads."""

import logging
from collections import Counter
from collections.abc import Callable
from contextlib import aclosing
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.service import RPCError, RPCStatusCode

from complaints.channels.errors import ChannelRefusedError
from complaints.messages.staff_email import stale_calendar_email
from complaints.procedure.dates.calendar import CalendarChange, zone
from complaints.procedure.policy import Policy
from complaints.records.stale_calendars import list_stale
from complaints.records.tables import RunKind
from worker.delivery.deliverer import MessageSender
from worker.scheduled_runs import ScheduledRuns
from worker.schedules import CALENDAR_CHECK
from workflows import names

log = logging.getLogger(__name__)


class CalendarCheck:
    """`now` is the real clock.

    The policy's first tier gets the alert about complaints at no tier.
    """

    def __init__(
        self, client: Client, engine: AsyncEngine, sender: MessageSender, policy: Policy, now: Callable[[], datetime]
    ) -> None:
        self._client = client
        self._engine = engine
        self._runs = ScheduledRuns(client, engine)
        self._sender = sender
        self._policy = policy
        self._now = now

    async def check(self, at: datetime, workflow_run: str) -> list[str]:
        """Return the tiers whose leads were alerted: none while a run recalculates those complaints.

        An alert that the channel refuses is logged.
        Raises NotAskedForError, ChannelUnavailableError, RecordUnreachableError, RPCError.
        """
        day = at.astimezone(zone(self._policy.time_zone)).date()
        await self._runs.claim(RunKind.CALENDAR_CHECK, CALENDAR_CHECK, day, workflow_run, at)
        if await self._is_recalculating():
            log.info("calendars are not checked: a run recalculates the complaints")
            return []
        number: Counter[str] = Counter()
        days: dict[str, dict[CalendarChange, None]] = {}
        async with aclosing(list_stale(self._engine, by="nobody")) as complaints:
            async for complaint in complaints:
                tier = complaint.carried.tier or self._policy.tiers[0].id
                number[tier] += 1
                days.setdefault(tier, {}).update(
                    dict.fromkeys(complaint.carried.calendar.changes_to(complaint.act.calendar))
                )
        alerted: list[str] = []
        for tier in sorted(number):
            message = stale_calendar_email(tier, number[tier], sorted(days[tier], key=lambda day: day.on))
            key = f"calendar.{tier}.{day}"
            try:
                await self._sender.send_to_lead(tier, message, key, self._now())
                alerted.append(tier)
            except ChannelRefusedError as error:
                log.warning("an alert about calendars cannot be sent", extra={"tier": tier, "why": str(error)})
        return alerted

    async def _is_recalculating(self) -> bool:
        for workflow_id in (names.RECALENDAR_ID, names.RECALENDAR_LATER_ID):
            try:
                described = await self._client.get_workflow_handle(workflow_id).describe()
            except RPCError as error:
                if error.status is not RPCStatusCode.NOT_FOUND:
                    raise
            else:
                if described.status is WorkflowExecutionStatus.RUNNING:
                    return True
        return False
