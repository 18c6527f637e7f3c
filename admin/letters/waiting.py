"""Why letters and alerts wait, as Temporal knows."""

from zoneinfo import ZoneInfo

from temporalio.client import Client

from admin.shared.connections import Connections, call_workflow
from admin.shared.errors import CommandError
from admin.shared.output import instant
from complaints.formatting.plural import plural
from complaints.messages.key import MessageKey
from complaints.records.deliveries import Delivery
from starter.client.delivery_attempts import Attempts, describe_attempts


class WaitingReasons:
    """Why messages wait. Where Temporal does not answer, it is asked once only."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections
        self._client: Client | None = None
        self._failure: str | None = None

    async def of(self, rows: list[Delivery]) -> dict[MessageKey, Attempts]:
        keys = [row.key for row in rows]
        if self._failure is None:
            try:
                self._client = self._client or await self._connections.temporal()
                attempts = await call_workflow(describe_attempts(self._client, keys), "try again")
                return dict(zip(keys, attempts, strict=True))
            except CommandError as error:
                self._failure = f"not known: {error}"
        return {key: Attempts(why=self._failure) for key in keys}


def explain(attempts: Attempts, local: ZoneInfo) -> str:
    """Say in one line why a message waits, with the tries so far and the next one."""
    parts = [attempts.why]
    if attempts.since and attempts.tries:
        parts.append(f"{plural(attempts.tries, 'try', 'tries')} since {instant(attempts.since, local)}")
    if attempts.next_try_at:
        parts.append(f"next {instant(attempts.next_try_at, local)}")
    return "; ".join(parts)
