"""Sign the root over the chains of all complaints, and publish it."""

from collections.abc import Awaitable, Callable
from datetime import date, datetime

from temporalio import activity

from activities.asked_for import require_workflow, workflow_run
from activities.heartbeat import heartbeat
from activities.workflow_types import AUDIT_ROOT

SIGN = "sign_audit_root"
"""The activity's name on the wire."""


class AuditRootActivities:
    """`sign` takes the instant by Temporal's clock, and the workflow run."""

    def __init__(self, sign: Callable[[datetime, str], Awaitable[date]]) -> None:
        self._sign = sign

    @activity.defn(name=SIGN)
    async def sign_audit_root(self) -> date:
        """Return the day of the root. Raises while the folder or the webhook is unavailable."""
        require_workflow(AUDIT_ROOT)
        async with heartbeat():
            return await self._sign(activity.info().scheduled_time, workflow_run())
