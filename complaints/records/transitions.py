"""Writes transitions: each in one transaction, once, and never an older state over a newer one."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, Table, and_, bindparam, column, exists, func, literal_column, or_, select, update
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.messages.key import COMPLAINANT, WEBHOOK, MessageKey
from complaints.procedure.acts import LetterHeld, LetterSent
from complaints.procedure.enums import Channel, EventKind
from complaints.procedure.state import Event
from complaints.procedure.views.views import ComplaintView, Transition
from complaints.records import tables
from complaints.records.database import RecordError, translate_database_errors
from complaints.records.tombstone import TombstoneKind

FROM_VIEW = (
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
    "overdue",
    "sequence",
)


class RecordedReferenceTakenError(RecordError):
    """Another complaint is on the record under this reference."""


async def write_transition(engine: AsyncEngine, transition: Transition, *, with_webhook: bool = False) -> None:
    """Put a transition on the record: all of it or nothing; again, or after a newer one, to no further effect.

    With `with_webhook`, alerts are owed to the webhook too.
    Raises ReferenceTakenError, RecordUnreachableError, RecordError.
    """
    with translate_database_errors():
        async with engine.begin() as connection:
            is_newest = await _put_complaint(connection, transition)
            if is_newest is None:
                return
            parts = _parts(transition, with_view=is_newest)
            parts[tables.deliveries.name] = [
                {**key.model_dump(), "channel": channel, "owed_at": event.at}
                for key, channel, event in _owed(transition, with_webhook=with_webhook)
            ]
            await connection.execute(_PUT_PARTS, parts)
            for event in transition.events if is_newest else ():
                if event.kind in _STATUS_UPDATES:
                    await connection.execute(
                        _STATUS_UPDATES[event.kind], _status_values(transition.view.reference, event)
                    )


async def _put_complaint(connection: AsyncConnection, transition: Transition) -> bool | None:
    """Whether this is the newest that is known; None: the complaint is to be erased, and nothing more is recorded.

    Locks the complaint's row either way, so that writers take turns.
    """
    view = transition.view
    row = {name: getattr(view, name) for name in FROM_VIEW}
    row |= {"form_digest": transition.form_digest, "view": view, "state": transition.state}
    if await connection.scalar(_PUT_COMPLAINT, row):
        return True
    table = tables.complaints
    life = await connection.execute(
        select(table.c.form_digest, table.c.opened_at, _has_tombstone()).where(table.c.reference == view.reference)
    )
    *known, is_buried = life.one()
    if is_buried:
        return None
    if known != [transition.form_digest, view.opened_at]:
        raise RecordedReferenceTakenError(f"the reference {view.reference} is taken by another complaint")
    return False


def _parts(transition: Transition, *, with_view: bool) -> dict[str, list[dict[str, Any]]]:
    """The rows of each table besides the complaint's own, by the table's name."""
    view, reference = transition.view, {"reference": transition.view.reference}
    given: dict[Table, list[dict[str, Any]]] = {
        tables.events: [event.model_dump(exclude={"free_text"}) for event in transition.events],
        tables.free_text: [
            {"sequence": event.sequence, "field": field, "text": text}
            for event in transition.events
            for field, text in event.free_text.items()
        ],
        tables.letters: [_letter(event) for event in transition.events if event.kind == EventKind.LETTER],
        tables.alerts: [_alert(event) for event in transition.events if event.kind in tables.ALERTS],
        tables.deadlines: _rows(view, "deadlines") if with_view else [],
        tables.undertakings: _rows(view, "undertakings") if with_view else [],
    }
    return {table.name: [reference | row for row in rows] for table, rows in given.items()}


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


def owed(transition: Transition, *, with_webhook: bool) -> list[MessageKey]:
    """What the transition owes, and to whom."""
    return [key for key, _, _ in _owed(transition, with_webhook=with_webhook)]


def _owed(transition: Transition, *, with_webhook: bool) -> Iterator[tuple[MessageKey, str, Event]]:
    """With the channel by which it is to go."""
    for event in transition.events:
        of = {"reference": transition.view.reference, "sequence": event.sequence}
        if event.kind == EventKind.LETTER:
            yield MessageKey(**of, to=COMPLAINANT), event.detail["channel"], event
        elif event.kind in tables.ALERTS:
            for recipient in dict.fromkeys(event.detail["to"]):
                yield MessageKey(**of, to=recipient), Channel.EMAIL, event
            if with_webhook:
                yield MessageKey(**of, to=WEBHOOK), WEBHOOK, event


def _status_values(reference: str, event: Event) -> dict[str, Any]:
    return {"of": reference, "letter": event.detail["letter"], "at": event.at, "since": event.what}


def _put_complaint_statement() -> Any:
    table = tables.complaints
    put = insert(table)
    same_life = and_(table.c.form_digest == put.excluded.form_digest, table.c.opened_at == put.excluded.opened_at)
    return put.on_conflict_do_update(
        index_elements=[table.c.reference],
        set_={c.name: put.excluded[c.name] for c in table.c if not c.primary_key},
        where=and_(table.c.sequence < put.excluded.sequence, same_life, ~_has_tombstone()),
    ).returning(table.c.sequence)


def _has_tombstone() -> ColumnElement[bool]:
    """Whether the complaint of the statement is to be erased."""
    stone = tables.tombstones
    of_it = stone.c.reference == literal_column("complaints.reference")  # as a column it would be joined here
    return exists().where(of_it, stone.c.kind == TombstoneKind.ERASED)


def _put_all(table: Table) -> Insert:
    """Insert rows given as JSON under the table's name: any number of them is the same prepared statement."""
    given = func.jsonb_to_recordset(bindparam(table.name, type_=JSONB)).table_valued(
        *(column(c.name, c.type) for c in table.c)
    )
    return insert(table).from_select([c.name for c in table.c], select(given.render_derived(with_types=True)))


def _put_new(table: Table) -> Insert:
    return _put_all(table).on_conflict_do_nothing()


def _put_changed(table: Table) -> Insert:
    put = _put_all(table)
    rest = [c for c in table.c if not c.primary_key]
    return put.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={c.name: put.excluded[c.name] for c in rest},
        where=or_(*(c.is_distinct_from(put.excluded[c.name]) for c in rest)),  # most stay as they are
    )


_PUT_COMPLAINT = _put_complaint_statement()

_PUT_PARTS = _put_new(tables.events).add_cte(
    *(
        _put_new(table).cte(f"put_{table.name}")
        for table in (tables.free_text, tables.letters, tables.alerts, tables.deliveries)
    ),
    *(_put_changed(table).cte(f"put_{table.name}") for table in (tables.deadlines, tables.undertakings)),
)
"""All parts in one statement, so in one round trip."""

_LETTER = and_(
    tables.deliveries.c.reference == bindparam("of"),
    tables.deliveries.c.sequence == bindparam("letter"),
    tables.deliveries.c.to == COMPLAINANT,
)
_STATUS_UPDATES = {
    LetterSent.name: update(tables.deliveries)
    .where(_LETTER, tables.deliveries.c.sent_at.is_(None))
    .values(sent_at=bindparam("at"), held_at=None, why=None),
    LetterHeld.name: update(tables.deliveries)
    .where(_LETTER, tables.deliveries.c.held_at.is_(None))
    .values(sent_at=None, held_at=bindparam("at"), why=bindparam("since")),
}
"""What the complaint is told of a letter's fate is the delivery's too."""
