"""Write transitions to `complaints`, `events` and the other tables of a complaint."""

from collections.abc import Iterator
from typing import Any

from pydantic_core import from_json
from sqlalchemy import ColumnElement, Table, and_, bindparam, column, exists, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.messages.key import COMPLAINANT, WEBHOOK, MessageKey
from complaints.procedure.acts import ChangeContact, LetterHeld, LetterSent
from complaints.procedure.enums import Channel, EventKind
from complaints.procedure.state import Event
from complaints.procedure.views.views import ComplaintView, Transition
from complaints.records import tables
from complaints.records.database import RecordError, serialise_json, translate_database_errors
from complaints.records.search import search_terms
from complaints.records.tombstone import TombstoneKind

VIEW_COLUMNS = (
    "reference",
    "policy",
    "status",
    "tier",
    "holder",
    "opened_at",
    "received_at",
    "closed_at",
    "closing_reason",
    "aspects",
    "case_open",
    "window_ends_at",
    "next_due_at",
    "due_at",
    "overdue",
    "sequence",
)


class RecordedReferenceTakenError(RecordError):
    """Another complaint has this reference on the record."""


class RecordForkedError(RecordError):
    """The record holds another event under this number, as after a restore of Temporal."""


async def write_transition(engine: AsyncEngine, transition: Transition, *, with_webhook: bool = False) -> None:
    """Write one transition to PostgreSQL, idempotent by (complaint, sequence).

    All of it is one database transaction. An older transition adds its events and deliveries,
    but does not overwrite a newer state.
    `with_webhook`: also owe each alert to the webhook.
    Raises RecordedReferenceTakenError, RecordForkedError, RecordUnreachableError, RecordError; then nothing is written.
    """
    with translate_database_errors():
        async with engine.begin() as connection:
            is_newest = await _put_complaint(connection, transition)
            if is_newest is None:
                return
            parts = _part_rows(transition, with_view=is_newest)
            parts[tables.deliveries.name] = [
                {**key.model_dump(), "channel": channel, "owed_at": event.at}
                for key, channel, event in _owed_messages(transition, with_webhook=with_webhook)
            ]
            put = await connection.execute(_PUT_PARTS, parts)
            if put.rowcount < len(transition.events):
                await _refuse_fork(connection, transition)
            for event in transition.events if is_newest else ():
                if event.kind in _STATUS_UPDATES:
                    await connection.execute(
                        _STATUS_UPDATES[event.kind], _status_values(transition.view.reference, event)
                    )
                for again in _letters_again(event):
                    await connection.execute(_REDIRECT, {"of": transition.view.reference, **again})


async def _put_complaint(connection: AsyncConnection, transition: Transition) -> bool | None:
    """Upsert the complaint's row; return whether this transition is the newest.

    None: the complaint is marked for erasure, and nothing more is recorded.
    Locks the row in either case, so that writers take turns.
    """
    view = transition.view
    row = {name: getattr(view, name) for name in VIEW_COLUMNS}
    row |= {"form_digest": transition.form_digest, "view": view, "state": transition.state}
    if await connection.scalar(_PUT_COMPLAINT, row):
        return True
    table = tables.complaints
    rows = await connection.execute(
        select(table.c.form_digest, table.c.opened_at, _has_tombstone()).where(table.c.reference == view.reference)
    )
    *recorded, is_erased = rows.one()
    if is_erased:
        return None
    if recorded != [transition.form_digest, view.opened_at]:
        raise RecordedReferenceTakenError(f"the reference {view.reference} is taken by another complaint")
    return False


async def _refuse_fork(connection: AsyncConnection, transition: Transition) -> None:
    """Raise RecordForkedError if a recorded event is not the transition's."""
    table, reference = tables.events, transition.view.reference
    rows = await connection.execute(
        select(table).where(
            table.c.reference == reference,
            table.c.sequence.between(transition.events[0].sequence, transition.events[-1].sequence),
        )
    )
    recorded = {row["sequence"]: Event.model_validate(dict(row)) for row in rows.mappings()}
    for event in transition.events:
        if not is_same_event(event, recorded[event.sequence]):
            raise RecordForkedError(
                f"event {event.sequence} of {reference} is on the record with another content; "
                "run python -m worker reconcile"
            )


def is_same_event(event: Event, recorded: Event) -> bool:
    """Return whether two events are equal on the record, which keeps their free text elsewhere."""
    return _as_stored(event) == _as_stored(recorded)


def _as_stored(event: Event) -> dict[str, Any]:
    stored: dict[str, Any] = from_json(serialise_json(event.model_dump(exclude={"free_text"})))
    return stored


def _part_rows(transition: Transition, *, with_view: bool) -> dict[str, list[dict[str, Any]]]:
    """Build the rows of every other table, by the table's name."""
    view, reference = transition.view, {"reference": transition.view.reference}
    rows_by_table: dict[Table, list[dict[str, Any]]] = {
        tables.events: [event.model_dump(exclude={"free_text"}) for event in transition.events],
        tables.free_text: [
            {"sequence": event.sequence, "field": field, "text": text}
            for event in transition.events
            for field, text in event.free_text.items()
        ],
        tables.letters: [_letter(event) for event in transition.events if event.kind == EventKind.LETTER],
        tables.search_terms: [{"terms": search_terms(transition.state)}] if with_view else [],
        tables.alerts: [_alert(event) for event in transition.events if event.kind in tables.ALERTS],
        tables.deadlines: _rows(view, "deadlines") if with_view else [],
        tables.undertakings: _rows(view, "undertakings") if with_view else [],
    }
    return {table.name: [reference | row for row in rows] for table, rows in rows_by_table.items()}


def _rows(view: ComplaintView, field: str) -> list[dict[str, Any]]:
    return [part.model_dump() for part in getattr(view, field)]


def _letter(event: Event) -> dict[str, Any]:
    detail = dict(event.detail)
    return {
        "sequence": event.sequence,
        "occasion": detail.pop("occasion"),
        "channel": detail.pop("channel"),
        "owed_at": event.at,
        "detail": detail,
    }


def _alert(event: Event) -> dict[str, Any]:
    return {
        "sequence": event.sequence,
        "kind": event.kind,
        "occasion": event.detail.get("occasion"),
        "recipients": event.detail["to"],
        "owed_at": event.at,
        "what": event.what,
    }


def list_owed_messages(transition: Transition, *, with_webhook: bool) -> list[MessageKey]:
    """List the messages that a transition owes."""
    return [key for key, _, _ in _owed_messages(transition, with_webhook=with_webhook)]


def _owed_messages(transition: Transition, *, with_webhook: bool) -> Iterator[tuple[MessageKey, str, Event]]:
    """Yield each message with its channel and its event."""
    for event in transition.events:
        key = {"reference": transition.view.reference, "sequence": event.sequence}
        if event.kind == EventKind.LETTER:
            yield MessageKey(**key, to=COMPLAINANT), event.detail["channel"], event
        elif event.kind in tables.ALERTS:
            for recipient in dict.fromkeys(event.detail["to"]):
                yield MessageKey(**key, to=recipient), Channel.EMAIL, event
            if with_webhook:
                yield MessageKey(**key, to=WEBHOOK), WEBHOOK, event


def list_messages_to_repeat(transition: Transition) -> list[MessageKey]:
    """List the held letters that a transition lets go again, by another address."""
    return [
        MessageKey(reference=transition.view.reference, sequence=again["letter"], to=COMPLAINANT)
        for event in transition.events
        for again in _letters_again(event)
    ]


def _letters_again(event: Event) -> list[dict[str, Any]]:
    """Return the number and the new channel of each letter that may go again."""
    return event.detail["again"] if event.kind == ChangeContact.name else []


def _status_values(reference: str, event: Event) -> dict[str, Any]:
    return {"of": reference, "letter": event.detail["letter"], "at": event.at}


def _put_complaint_statement() -> Any:
    table = tables.complaints
    insertion = insert(table)
    excluded = insertion.excluded
    is_same_complaint = and_(table.c.form_digest == excluded.form_digest, table.c.opened_at == excluded.opened_at)
    return insertion.on_conflict_do_update(
        index_elements=[table.c.reference],
        set_={c.name: excluded[c.name] for c in table.c if not c.primary_key},
        where=and_(table.c.sequence < excluded.sequence, is_same_complaint, ~_has_tombstone()),
    ).returning(table.c.sequence)


def _has_tombstone() -> ColumnElement[bool]:
    """Check whether the statement's complaint is marked for erasure."""
    tombstone = tables.tombstones
    # A Column here would add `complaints` to the subquery's FROM.
    is_of_complaint = tombstone.c.reference == literal_column("complaints.reference")
    return exists().where(is_of_complaint, tombstone.c.kind == TombstoneKind.ERASED)


def _put_all(table: Table) -> Insert:
    """Insert rows from a JSON parameter, so that any number of rows uses one prepared statement."""
    rows = func.jsonb_to_recordset(bindparam(table.name, type_=JSONB)).table_valued(
        *(column(c.name, c.type) for c in table.c)
    )
    return insert(table).from_select([c.name for c in table.c], select(rows.render_derived(with_types=True)))


def _put_new(table: Table) -> Insert:
    return _put_all(table).on_conflict_do_nothing()


def _put_changed(table: Table) -> Insert:
    insertion = _put_all(table)
    columns = [c for c in table.c if not c.primary_key]
    return insertion.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={c.name: insertion.excluded[c.name] for c in columns},
        where=or_(*(c.is_distinct_from(insertion.excluded[c.name]) for c in columns)),  # most rows are unchanged
    )


_PUT_COMPLAINT = _put_complaint_statement()

_PUT_PARTS = _put_new(tables.events).add_cte(
    *(
        _put_new(table).cte(f"put_{table.name}")
        for table in (tables.free_text, tables.letters, tables.alerts, tables.deliveries)
    ),
    *(
        _put_changed(table).cte(f"put_{table.name}")
        for table in (tables.deadlines, tables.undertakings, tables.search_terms)
    ),
)
"""One statement for all tables: one round trip."""

_LETTER = and_(
    tables.deliveries.c.reference == bindparam("of"),
    tables.deliveries.c.sequence == bindparam("letter"),
    tables.deliveries.c.to == COMPLAINANT,
)
_REDIRECT = (
    update(tables.deliveries).where(_LETTER, tables.deliveries.c.sent_at.is_(None)).values(channel=bindparam("channel"))
)
_STATUS_UPDATES = {
    LetterSent.name: update(tables.deliveries)
    .where(_LETTER, tables.deliveries.c.sent_at.is_(None))
    .values(sent_at=bindparam("at"), held_at=None, why=None),
    LetterHeld.name: update(tables.deliveries)
    .where(_LETTER, tables.deliveries.c.held_at.is_(None))
    .values(sent_at=None, held_at=bindparam("at"), why=tables.HELD_BY_HAND),
}
"""Events by which a letter's delivery changes its status."""
