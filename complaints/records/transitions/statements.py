"""The SQL statements by which a transition is written."""

from typing import Any

from sqlalchemy import (
    ColumnElement,
    Integer,
    Table,
    and_,
    bindparam,
    column,
    exists,
    func,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, Insert, insert

from complaints.messages.key import COMPLAINANT
from complaints.procedure.acts import LetterHeld, LetterSent
from complaints.records import tables
from complaints.records.tombstone import TombstoneKind


def _put_complaint_statement() -> Any:
    table = tables.complaints
    insertion = insert(table)
    excluded = insertion.excluded
    is_same_complaint = and_(table.c.form_digest == excluded.form_digest, table.c.opened_at == excluded.opened_at)
    return insertion.on_conflict_do_update(
        index_elements=[table.c.reference],
        set_={c.name: excluded[c.name] for c in table.c if not c.primary_key},
        where=and_(
            table.c.sequence < excluded.sequence,
            table.c.sequence >= bindparam("recorded_to", type_=Integer),
            is_same_complaint,
            ~has_tombstone(),
        ),
    ).returning(
        literal_column("xmax = 0").label("is_new"),  # an updated row has the number of its transaction
        and_(_names_row_of(tables.policies), _names_row_of(tables.calendars)).label("has_basis"),
    )


def _names_row_of(table: Table) -> ColumnElement[bool]:
    """Check that the record has the policy or the calendar that the written row names."""
    [column] = (column for column in tables.complaints.c if column.references(table.c.digest))
    return exists().where(table.c.digest == literal_column(f"complaints.{column.name}"))


def has_tombstone() -> ColumnElement[bool]:
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


def _put_changes() -> Insert:
    """Insert rows of `changes`, each with who opened the complaint."""
    table, event = tables.changes, tables.events.c
    names = ("reference", "sequence", "opened_by")
    rows = (
        func.jsonb_to_recordset(bindparam(table.name, type_=JSONB))
        .table_valued(*(column(name, table.c[name].type) for name in names))
        .render_derived(with_types=True)
    )
    recorded = select(event.by).where(event.reference == rows.c.reference, event.sequence == 1).scalar_subquery()
    values = select(rows.c.reference, rows.c.sequence, func.coalesce(rows.c.opened_by, recorded))
    return insert(table).from_select(names, values).on_conflict_do_nothing()


def _put_changed(table: Table) -> Insert:
    insertion = _put_all(table)
    columns = [c for c in table.c if not c.primary_key]
    return insertion.on_conflict_do_update(
        index_elements=list(table.primary_key),
        set_={c.name: insertion.excluded[c.name] for c in columns},
        where=or_(*(c.is_distinct_from(insertion.excluded[c.name]) for c in columns)),  # most rows are unchanged
    )


PUT_BASIS = _put_new(tables.policies).add_cte(_put_new(tables.calendars).cte("put_calendars"))
PUT_COMPLAINT = _put_complaint_statement()

PUT_PARTS = (
    _put_new(tables.events)
    .returning(tables.events.c.sequence)
    .add_cte(
        *(
            _put_new(table).cte(f"put_{table.name}")
            for table in (tables.free_text, tables.answers, tables.letters, tables.alerts, tables.deliveries)
        ),
        *(
            _put_changed(table).cte(f"put_{table.name}")
            for table in (tables.deadlines, tables.undertakings, tables.search_terms)
        ),
        _put_changes().cte("put_changes"),
    )
)
"""One statement for all tables: one round trip. It returns the numbers of the events that were not there."""

_LETTER = and_(
    tables.deliveries.c.reference == bindparam("of"),
    tables.deliveries.c.sequence == bindparam("letter"),
    tables.deliveries.c.to == COMPLAINANT,
)
REDIRECT = (
    update(tables.deliveries)
    .where(_LETTER, tables.deliveries.c.sent_at.is_(None))
    .values(channel=bindparam("channel"), again_at=bindparam("at"), again_by=bindparam("by"))
)
STATUS_UPDATES = {
    LetterSent.name: update(tables.deliveries)
    .where(_LETTER, tables.deliveries.c.sent_at.is_(None))
    .values(sent_at=bindparam("at"), held_at=None, why=None),
    LetterHeld.name: update(tables.deliveries)
    .where(_LETTER, tables.deliveries.c.held_at.is_(None))
    .values(sent_at=None, held_at=bindparam("at"), why=tables.HELD_BY_HAND, again_at=None, again_by=None),
}
"""Events by which a letter's delivery changes its status."""
