"""Write transitions to `complaints`, `events` and the other tables of a complaint."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.procedure.state import Event
from complaints.procedure.views.views import Transition
from complaints.records import tables
from complaints.records.database import RecordError, translate_database_errors, translate_key_errors
from complaints.records.personal.blind_index import SEARCH
from complaints.records.personal.encryption import cipher_of, keys_of
from complaints.records.restores.settled_deliveries import NO_RESULTS, DeliveryResults, settle
from complaints.records.transitions.forks import refuse_fork
from complaints.records.transitions.messages import letters_again, owed_messages
from complaints.records.transitions.rows import build_basis_rows, build_complaint_row, build_rows, build_search_row
from complaints.records.transitions.statements import (
    PUT_BASIS,
    PUT_COMPLAINT,
    PUT_PARTS,
    REDIRECT,
    STATUS_UPDATES,
    has_tombstone,
)
from complaints.runtime.clock import now as real_now


class RecordedReferenceTakenError(RecordError):
    """Another complaint has this reference on the record."""


class Written(NamedTuple):
    """The events that were not on the record before, and when they were written."""

    events: tuple[Event, ...]
    at: datetime


class RecordBehindError(RecordError):
    """The record lacks events that it had, as after a restore to an older state."""

    def __init__(self, reference: str, recorded_to: int) -> None:
        super().__init__(
            f"the record lacks events of {reference} up to {recorded_to}, as after a restore to an older state; "
            "run python -m worker reconcile"
        )


class UnknownBasisError(RecordError):
    """The record lacks the policy or the calendar that a transition only names."""


async def write_transition(
    engine: AsyncEngine,
    transition: Transition,
    *,
    with_webhook: bool = False,
    settled: DeliveryResults = NO_RESULTS,
    may_leave_gap: bool = False,
    now: Callable[[], datetime] = real_now,
) -> Written:
    """Write one transition to PostgreSQL, idempotent by (complaint, sequence).

    All of it is one database transaction. An older transition adds its events and deliveries,
    but does not overwrite a newer state. An event keeps the `recorded_at` of its first writing. After the destruction
    of the complaint's key, as after its tombstone, nothing more is recorded.
    `with_webhook`: also owe each alert to the webhook. `settled`: deliveries that need not be started.
    `may_leave_gap`: whether events before its first may be missing. `now`: the clock of this process.
    Raises RecordedReferenceTakenError, RecordForkedError, RecordBehindError, UnknownBasisError, RecordUnreachableError,
    RecordError; then nothing is written.
    """
    keys, state = keys_of(engine), transition.recorded_state()
    view = transition.view(state)
    cipher = await cipher_of(keys, transition.reference)
    if cipher is None:
        return Written((), now())
    row = build_complaint_row(transition, state, view, cipher)
    with translate_key_errors():
        search_row = build_search_row(state.form, await keys.for_subject(SEARCH))
    with translate_database_errors():
        async with engine.begin() as connection:
            basis = build_basis_rows(transition)
            if any(basis.values()):
                await connection.execute(PUT_BASIS, basis)
            is_newest = await _put_complaint(connection, transition, row, may_leave_gap=may_leave_gap)
            recorded_at = now()
            if is_newest is None:
                return Written((), recorded_at)
            parts = build_rows(transition, search_row, row["view"] if is_newest else None, cipher, recorded_at)
            parts[tables.deliveries.name] = [
                {**key.model_dump(), "channel": channel, "owed_at": event.at}
                for key, channel, event in owed_messages(transition, with_webhook=with_webhook)
            ]
            put = set(await connection.scalars(PUT_PARTS, parts))
            if len(put) < len(transition.events):
                await refuse_fork(connection, transition)
            for event in transition.events if is_newest else ():
                if event.kind in STATUS_UPDATES:
                    await connection.execute(STATUS_UPDATES[event.kind], _status_values(view.reference, event))
                for again in letters_again(event):
                    await connection.execute(REDIRECT, {"of": view.reference, "at": event.at, "by": event.by, **again})
            await settle(connection, settled)
    return Written(tuple(event for event in transition.events if event.sequence in put), recorded_at)


async def _put_complaint(
    connection: AsyncConnection, transition: Transition, row: dict[str, Any], *, may_leave_gap: bool
) -> bool | None:
    """Upsert the complaint's row; return whether this transition is the newest.

    None: the complaint is marked for erasure, and nothing more is recorded.
    Locks the row in either case, so that writers take turns.
    """
    reference = transition.reference
    recorded_to = 0 if may_leave_gap else transition.events[0].sequence - 1
    put = (await connection.execute(PUT_COMPLAINT, row | {"recorded_to": recorded_to})).one_or_none()
    if put and put.is_new and recorded_to:
        raise RecordBehindError(reference, recorded_to)
    if put and not put.has_basis:
        raise UnknownBasisError(f"the record lacks the policy or the calendar of {reference}")
    if put:
        return True
    table = tables.complaints
    rows = await connection.execute(
        select(table.c.form_digest, table.c.opened_at, table.c.sequence, has_tombstone()).where(
            table.c.reference == reference
        )
    )
    *recorded, sequence, is_erased = rows.one()
    if is_erased:
        return None
    if recorded != [row["form_digest"], row["opened_at"]]:
        raise RecordedReferenceTakenError(f"the reference {reference} is taken by another complaint")
    if sequence < recorded_to:
        raise RecordBehindError(reference, recorded_to)
    return False


def _status_values(reference: str, event: Event) -> dict[str, Any]:
    return {"of": reference, "letter": event.detail["letter"], "at": event.at}
