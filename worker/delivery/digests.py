"""Send the digests of the morning."""

import logging
from collections.abc import Callable
from datetime import date, datetime

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from activities.digest import DigestRecipient
from complaints.calendars.builder import calendar_for
from complaints.channels.errors import ChannelRefusedError
from complaints.messages.digest import DigestRequest
from complaints.messages.staff_email import digest_email
from complaints.procedure.dates.calendar import zone
from complaints.procedure.policy import Policy
from complaints.records.audit.roots import read_last_root
from complaints.records.calendar_amendments import list_amendments
from complaints.records.digests import build_digest, list_tiers
from complaints.records.tables import RunKind
from worker.delivery.deliverer import MessageSender, refuse_unwritable
from worker.scheduled_runs import ScheduledRuns
from worker.schedules import DIGEST

log = logging.getLogger(__name__)


class DigestSender:
    """`policy` decides the working days; `now` is the real clock."""

    def __init__(
        self, client: Client, engine: AsyncEngine, sender: MessageSender, policy: Policy, now: Callable[[], datetime]
    ) -> None:
        self._runs = ScheduledRuns(client, engine)
        self._engine = engine
        self._sender = sender
        self._policy = policy
        self._now = now

    async def recipients(self, at: datetime, workflow_run: str) -> list[DigestRecipient]:
        """Return the recipients of a day's digests; none on a day that is no working day.

        Raises NotAskedForError, RecordUnreachableError, RPCError.
        """
        day = at.astimezone(zone(self._policy.time_zone)).date()
        await self._runs.claim(RunKind.DIGEST, DIGEST, day, workflow_run, at)
        return [DigestRecipient(tier=request.tier, day=day) for request in await self._requests(day)]

    async def _requests(self, today: date) -> list[DigestRequest]:
        """Return one request for each tier; none on a day that is no working day.

        Complaints at the case handler's step are in the digest of the first tier.
        Raises RecordUnreachableError.
        """
        at = datetime.combine(today, self._policy.notices_at, zone(self._policy.time_zone))
        calendar = calendar_for(self._policy, at, at, await list_amendments(self._engine, self._policy.region))
        if calendar.why_skipped(today):
            return []
        step, first = self._policy.case_handler, self._policy.tiers[0].id
        by_tier: dict[str, list[str]] = {}
        for tier in await list_tiers(self._engine):
            by_tier.setdefault(first if step and tier == step.id else tier, []).append(tier)
        before = calendar.working_day_before(today, 1)
        return [
            DigestRequest(
                tier=tier,
                steps=tuple(steps),
                day=today,
                tomorrow=calendar.working_day_after(today, 1),
                since=calendar.at(before, self._policy.notices_at),
                until=calendar.at(today, self._policy.notices_at),
            )
            for tier, steps in by_tier.items()
        ]

    async def send(self, recipient: DigestRecipient, workflow_run: str) -> bool:
        """Send a digest unless it is empty. Return whether it was sent.

        One that the channel refuses is logged, and not sent.
        Raises NotAskedForError, ChannelUnavailableError, RecordUnreachableError.
        """
        await self._runs.check(RunKind.DIGEST, recipient.day, workflow_run)
        requests = {request.tier: request for request in await self._requests(recipient.day)}
        request = requests.get(recipient.tier)
        if request is None:  # its last complaint has gone on since
            return False
        digest = await build_digest(self._engine, request)
        if digest.is_empty:
            return False
        key = f"digest.{request.tier}.{request.day}"
        try:
            with refuse_unwritable():
                message = digest_email(digest, await read_last_root(self._engine))
            await self._sender.send_to_staff(
                f"lead:{request.tier}", digest.leads, message, key, self._now(), reference=None
            )
        except ChannelRefusedError as error:
            log.warning("a digest cannot be sent", extra={"tier": request.tier, "why": str(error)})
            return False
        return True
