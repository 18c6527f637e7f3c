"""Moving one complaint's virtual clock."""

from datetime import datetime, timedelta

from temporalio.service import RPCError

from admin.shared.complaints import fetch_history
from admin.shared.connections import Connections
from admin.shared.errors import refused, unreachable
from complaints.temporal.virtual_time import CannotAdvanceError, advance, advance_to


async def move(reach: Connections, reference: str, days: int | None) -> datetime:
    """By so many days, or to the next instant at which anything is due. Raises CommandError."""
    story = await fetch_history(reach, reference)
    client = await reach.temporal()
    try:
        if days:
            return await advance(client, reference, timedelta(days=days))
        if story.next_due_at is None:
            raise refused("nothing_due", f"Nothing is due for {reference} by itself.", reference=reference)
        return await advance_to(client, reference, story.next_due_at)
    except CannotAdvanceError as error:
        raise refused("cannot_advance", f"{error}.", reference=reference) from error
    except RPCError as error:
        raise unreachable(f"Temporal did not take it: {error.message}") from error
