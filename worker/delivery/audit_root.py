"""Sign the root of the day, and put it where the owner of the database does not reach."""

import asyncio
import logging
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.exceptions import ApplicationError

from complaints.audit.folder import put_root
from complaints.audit.roots import SignedRoot
from complaints.audit.signing import RootSigner
from complaints.channels.errors import ChannelRefusedError
from complaints.channels.webhook import Webhook
from complaints.channels.webhook_payloads import Notice
from complaints.procedure.dates.calendar import zone
from complaints.procedure.policy import Policy
from complaints.records.audit.roots import sign_root
from complaints.records.tables import RunKind
from worker.scheduled_runs import ScheduledRuns
from worker.schedules import AUDIT_ROOT

log = logging.getLogger(__name__)


class AuditRoots:
    """`folder` and `webhook` None: the root does not go there. `now` is the real clock."""

    def __init__(
        self,
        client: Client,
        engine: AsyncEngine,
        signer: RootSigner,
        policy: Policy,
        now: Callable[[], datetime],
        *,
        folder: Path | None = None,
        webhook: Webhook | None = None,
    ) -> None:
        self._runs = ScheduledRuns(client, engine)
        self._engine = engine
        self._signer = signer
        self._policy = policy
        self._now = now
        self._folder = folder
        self._webhook = webhook

    async def sign(self, at: datetime, workflow_run: str) -> date:
        """Sign the root of the day, once, and publish it. Return the day.

        A webhook that refuses it is logged.
        Raises NotAskedForError, ApplicationError, ChannelUnavailableError, RecordUnreachableError, RPCError.
        """
        day = at.astimezone(zone(self._policy.time_zone)).date()
        await self._runs.claim(RunKind.AUDIT_ROOT, AUDIT_ROOT, day, workflow_run, at)
        file = await sign_root(self._engine, self._signer.sign, day, at)
        if self._folder:
            try:
                await asyncio.to_thread(put_root, self._folder, file)
            except OSError as error:
                raise ApplicationError(
                    f"COMPLAINTS_AUDIT_ROOTS: cannot write to {self._folder} ({error.strerror}); "
                    "make it a folder that the worker may write to"
                ) from error
        if self._webhook:
            try:
                await self._webhook.post(root_notice(file.root), self._now())
            except ChannelRefusedError as error:
                log.warning("the root of the record cannot be posted", extra={"why": str(error)})
        log.info("signed the root of the record", extra={"complaints": file.root.complaints, "root": file.root.root})
        return day


def root_notice(root: SignedRoot) -> Notice:
    """Write a root for the webhook."""
    return Notice(
        key=f"audit-root.{root.day}",
        kind="audit_root",
        reference=None,
        since=root.at,
        what=f"Root of the record on {root.day}, over {root.complaints} complaints: {root.root}",
        to_do=f"Keep this message: it shows what the record was. Signature: {root.signature}",
        command="complaints audit",
    )
