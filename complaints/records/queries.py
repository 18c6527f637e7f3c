"""Read `complaints`, `events` and `free_text`: one complaint, or a list."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Collection, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import ColumnElement, Select, Table, and_, exists, select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.encryption.data_keys import KeyRing
from complaints.procedure.answers import Answer, act_digest
from complaints.procedure.enums import ClosingReason, Status
from complaints.procedure.form import Form
from complaints.procedure.state import ComplaintState, Event
from complaints.procedure.views.views import ComplaintHistory, EventView, RecordedView
from complaints.records import tables
from complaints.records.database import translate_database_errors
from complaints.records.personal.encryption import (
    decrypt_answer,
    decrypt_free_text,
    decrypt_state,
    decrypt_view,
    keys_of,
)

BATCH_SIZE = 500
"""Views of a list that are in memory at once."""

_EVENT = ("sequence", "at", "kind", "by", "what", "detail", "words_digest", "link")


class RecordedComplaint(BaseModel):
    """The fields of a complaint that intake needs."""

    opened_by: str | None
    """The system or the member of staff; None: the record has lost its first event."""
    form_digest: str
    status: Status
    opened_at: datetime
    closed_at: datetime | None
    closing_reason: ClosingReason | None


class ComplaintPart(BaseModel):
    """Who has a part in a complaint."""

    holder: str | None
    tier: str | None
    readers: list[str]
    """As `readers_of` lists them."""


async def find_complaint(engine: AsyncEngine, reference: str) -> RecordedComplaint | None:
    """Find a complaint; None: it is not on the record. Raises RecordUnreachableError."""
    table, event = tables.complaints, tables.events.c
    opened_by = select(event.by).where(event.reference == table.c.reference, event.sequence == 1).scalar_subquery()
    columns = (table.c[name] for name in RecordedComplaint.model_fields if name != "opened_by")
    statement = select(opened_by.label("opened_by"), *columns).where(table.c.reference == reference)
    with translate_database_errors():
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")  # one round trip instead of three
            row = (await connection.execute(statement)).mappings().one_or_none()
    return RecordedComplaint.model_validate(dict(row)) if row else None


async def read_history(engine: AsyncEngine, reference: str) -> ComplaintHistory | None:
    """Read a complaint's view with every event; None: it is not on the record.

    Raises RecordUnreachableError.
    """
    view = tables.complaints.c.view
    history = await _read_with_events(engine, reference, view, tuple(EventView.model_fields), decrypt_view)
    return ComplaintHistory.model_validate(history) if history else None


async def read_state(engine: AsyncEngine, reference: str) -> ComplaintState | None:
    """Read a complaint's state with every event, without free text and answers to acts.

    None: it is not on the record. Raises RecordUnreachableError.
    """
    state = await _read_with_events(engine, reference, tables.WHOLE_STATE, _EVENT, decrypt_state)
    return ComplaintState.model_validate(state) if state else None


async def read_last_states(engine: AsyncEngine, references: Collection[str]) -> list[ComplaintState]:
    """Read states, each with its last event only. Raises RecordUnreachableError."""
    return await read_last_states_where(engine, tables.complaints.c.reference.in_(references))


async def read_last_states_where(engine: AsyncEngine, condition: ColumnElement[bool]) -> list[ComplaintState]:
    """Read the states that meet a condition, as `read_last_states` does, by reference."""
    complaint, event = tables.complaints, tables.events
    fields = [event.c[name] for name in _EVENT]
    last = and_(event.c.reference == complaint.c.reference, event.c.sequence == complaint.c.sequence)
    statement = select(*tables.STATE_COLUMNS, *fields).join(event, last).where(condition)
    keys = keys_of(engine)
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = (await connection.execute(statement.order_by(complaint.c.reference))).mappings().all()
    states = []
    for row in rows:
        state = await decrypt_state(keys, row["reference"], row["state"], row["encrypted_state"])
        states.append(ComplaintState.model_validate({**state, "events": [row]}))
    return states


async def read_events(engine: AsyncEngine, reference: str) -> dict[int, Event]:
    """Read every event by sequence, without free text. Raises RecordUnreachableError."""
    table = tables.events
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = await connection.execute(_select_of(table, reference, *_EVENT).order_by(table.c.sequence))
            return {row["sequence"]: Event.model_validate(dict(row)) for row in rows.mappings()}


async def read_free_text(engine: AsyncEngine, reference: str) -> dict[int, dict[str, str]]:
    """Read free text by sequence and field; "" where erased. Raises RecordUnreachableError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            return await read_free_text_of(connection, reference)


async def read_free_text_of(connection: AsyncConnection, reference: str) -> dict[int, dict[str, str]]:
    """Read as `read_free_text` does, by a connection that is open."""
    table, keys = tables.free_text, keys_of(connection)
    texts: dict[int, dict[str, str]] = {}
    statement = _select_of(table, reference, "sequence", "field", "text")
    for row in await connection.execute(statement.order_by(table.c.sequence, table.c.field)):
        text = await decrypt_free_text(keys, reference, row.sequence, row.field, row.text)
        texts.setdefault(row.sequence, {})[row.field] = text
    return texts


async def read_answer(engine: AsyncEngine, reference: str, act_id: str) -> Answer | None:
    """Read the answer to an act; None: there is none. Raises RecordUnreachableError."""
    digest = act_digest(act_id)
    statement = _select_of(tables.answers, reference, "answer", "sentence").where(tables.answers.c.act_digest == digest)
    with translate_database_errors():
        async with engine.connect() as connection:
            row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    answer = await decrypt_answer(keys_of(engine), reference, digest, row.answer, row.sentence)
    return Answer.model_validate({**answer, "id": act_id})


async def read_form(engine: AsyncEngine, reference: str) -> Form | None:
    """Read a complaint's form as it is now; None: it is not on the record.

    Raises RecordUnreachableError.
    """
    statement = _select_of(tables.complaints, reference, "state", "encrypted_state")
    with translate_database_errors():
        async with engine.connect() as connection:
            row = (await connection.execute(statement)).one_or_none()
    if row is None:
        return None
    state = await decrypt_state(keys_of(engine), reference, row.state, row.encrypted_state)
    return Form.model_validate(state["form"])


async def list_views(
    engine: AsyncEngine,
    *,
    tier: str | None = None,
    status: Status | None = None,
    overdue: bool | None = None,
    holder: str | None = None,
    due_before: datetime | None = None,
    closed: bool | None = None,
    limit: int | None = None,
) -> AsyncGenerator[RecordedView, None]:
    """Stream the views that match every filter, those due first on top.

    Complaints with nothing due come last. Which they are is of one snapshot; each batch of views is read when it is
    needed, so that a slow reader holds no connection. Raises RecordUnreachableError.
    """
    table = tables.complaints
    statement = select(table.c.reference).order_by(table.c.due_at.nulls_last(), table.c.reference).limit(limit)
    for column, value in ((table.c.tier, tier), (table.c.status, status), (table.c.holder, holder)):
        if value is not None:
            statement = statement.where(column == value)
    if overdue is not None:
        statement = statement.where(table.c.overdue if overdue else ~table.c.overdue)
    if due_before is not None:
        statement = statement.where(table.c.due_at < due_before)
    if closed is not None:
        is_closed = table.c.status == Status.CLOSED.value
        statement = statement.where(is_closed if closed else ~is_closed)
    references = await _read_references(engine, statement)
    for first in range(0, len(references), BATCH_SIZE):
        for view in await _read_views(engine, references[first : first + BATCH_SIZE]):
            yield RecordedView.model_validate(view)


async def _read_views(engine: AsyncEngine, references: Sequence[str]) -> list[dict[str, Any]]:
    """Read views in the order of the references."""
    complaint, keys = tables.complaints.c, keys_of(engine)
    statement = select(complaint.reference, complaint.view, complaint.encrypted_state)
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = (await connection.execute(statement.where(complaint.reference.in_(references)))).all()
    views = {row.reference: await decrypt_view(keys, row.reference, row.view, row.encrypted_state) for row in rows}
    return [views[reference] for reference in references]


async def read_readers(engine: AsyncEngine, reference: str) -> list[str] | None:
    """Read who has a part in a complaint; None: it is not on the record.

    Raises RecordUnreachableError.
    """
    table = tables.complaints
    with translate_database_errors():
        async with engine.connect() as connection:
            view = await connection.scalar(select(table.c.view).where(table.c.reference == reference))
    return RecordedView.model_validate(view).readers if view else None


async def read_part(engine: AsyncEngine, reference: str) -> ComplaintPart | None:
    """Read who has a part in a complaint now; None: it is not on the record.

    Raises RecordUnreachableError.
    """
    table = tables.complaints.c
    statement = select(table.holder, table.tier, table.view["readers"].label("readers"))
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = await connection.execute(statement.where(table.reference == reference))
            row = rows.mappings().one_or_none()
    return ComplaintPart.model_validate(dict(row)) if row else None


async def is_holder(engine: AsyncEngine, staff: str) -> bool:
    """Check whether somebody holds a complaint, or held it when it closed.

    Raises RecordUnreachableError.
    """
    table = tables.complaints
    with translate_database_errors():
        async with engine.connect() as connection:
            return bool(await connection.scalar(select(exists().where(table.c.holder == staff))))


async def list_references(engine: AsyncEngine, *, open_only: bool = False) -> AsyncGenerator[str, None]:
    """Stream the references of all complaints on the record, in order.

    Each batch is read in a transaction of its own, as a caller may take hours. `open_only` leaves out
    closed complaints. Raises RecordUnreachableError.
    """
    table = tables.complaints
    statement = select(table.c.reference).order_by(table.c.reference).limit(BATCH_SIZE)
    if open_only:
        statement = statement.where(table.c.status != Status.CLOSED)
    last = ""
    while batch := await _read_references(engine, statement.where(table.c.reference > last)):
        for reference in batch:
            yield reference
        last = batch[-1]


async def _read_references(engine: AsyncEngine, statement: Select[str]) -> Sequence[str]:
    with translate_database_errors():
        async with engine.connect() as connection:
            return (await connection.scalars(statement)).all()


async def _read_with_events(
    engine: AsyncEngine,
    reference: str,
    content: ColumnElement[Any],
    fields: tuple[str, ...],
    decrypt: Callable[[KeyRing, str, dict[str, Any], bytes | None], Awaitable[dict[str, Any]]],
) -> dict[str, Any] | None:
    """Read JSON of a complaint's row with its events up to the row's sequence."""
    table, complaint = tables.events, tables.complaints.c
    columns = (content, complaint.sequence, complaint.encrypted_state)
    of_complaint = select(*columns).where(complaint.reference == reference)
    with translate_database_errors():
        async with engine.connect() as connection:
            row = (await connection.execute(of_complaint)).one_or_none()
            if row is None:
                return None
            # A transition that commits between the two statements adds events that the JSON lacks.
            events = await connection.execute(
                _select_of(table, reference, *fields).where(table.c.sequence <= row.sequence).order_by(table.c.sequence)
            )
            whole = await decrypt(keys_of(engine), reference, row[0], row.encrypted_state)
            return {**whole, "events": [dict(event) for event in events.mappings()]}


def _select_of(table: Table, reference: str, *names: str) -> Select[*tuple[Any, ...]]:
    return select(*(table.c[name] for name in names)).where(table.c.reference == reference)
