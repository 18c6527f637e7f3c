"""Move one complaint's virtual clock."""

from datetime import datetime, timedelta

from temporalio.service import RPCError

from admin.local_stack.complaints import fetch_history
from admin.local_stack.connections import Connections
from admin.shared.errors import refused, unreachable
from complaints.temporal.virtual_time import CannotAdvanceError, advance, advance_to


async def move_clock(connections: Connections, reference: str, days: int | None) -> datetime:
    """Move the clock by days, or for None to the next due instant; return the complaint's time."""
    history = await fetch_history(connections, reference)
    if not days and history.next_due_at is None:
        raise refused("nothing_due", f"Nothing is due for {reference} until somebody acts.", reference=reference)
    try:
        async with connections.temporal() as client:
            if days:
                return await advance(client, reference, timedelta(days=days))
            assert history.next_due_at
            return await advance_to(client, reference, history.next_due_at)
    except CannotAdvanceError as error:
        raise refused("cannot_advance", f"{error}.", reference=reference) from error
    except RPCError as error:
        raise unreachable(f"Temporal could not move the clock: {error.message}") from error
