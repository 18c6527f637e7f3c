"""Build the rows that a transition adds to the tables of a complaint."""

from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import Table

from complaints.procedure.answers import recorded_answer
from complaints.procedure.enums import EventKind
from complaints.procedure.recorded_state import RecordedState
from complaints.procedure.state import Event
from complaints.procedure.views.views import ComplaintView, Transition
from complaints.records import tables
from complaints.records.search import search_terms

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


def build_rows(
    transition: Transition, state: RecordedState, view: ComplaintView | None, recorded_at: datetime
) -> dict[str, list[dict[str, Any]]]:
    """Build the rows of every other table, by the table's name.

    `view` None: a newer one is recorded.
    """
    reference = {"reference": transition.reference}
    rows_by_table: dict[Table, list[dict[str, Any]]] = {
        tables.events: [
            event.model_dump(exclude={"free_text"}) | {"recorded_at": recorded_at} for event in transition.events
        ],
        tables.free_text: [
            {"sequence": event.sequence, "field": field, "text": text}
            for event in transition.events
            for field, text in event.free_text.items()
        ],
        tables.answers: [recorded_answer(given).model_dump() for given in transition.answers],
        tables.letters: [_letter(event) for event in transition.events if event.kind == EventKind.LETTER],
        tables.search_terms: [{"terms": search_terms(state.form)}] if view else [],
        tables.changes: _changes(transition),
        tables.alerts: [_alert(event) for event in transition.events if event.kind in tables.ALERTS],
        tables.deadlines: _rows(view, "deadlines") if view else [],
        tables.undertakings: _rows(view, "undertakings") if view else [],
    }
    return {table.name: [reference | row for row in rows] for table, rows in rows_by_table.items()}


def build_basis_rows(transition: Transition) -> dict[str, list[dict[str, Any]]]:
    """Build the rows of the policy and the calendar of a whole transition, by the table's name."""
    basis: tuple[tuple[Table, str, BaseModel | None], ...] = (
        (tables.policies, transition.policy_digest, transition.new_policy),
        (tables.calendars, transition.calendar_digest, transition.new_calendar),
    )
    return {table.name: [{"digest": digest, "content": content}] if content else [] for table, digest, content in basis}


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


def _changes(transition: Transition) -> list[dict[str, Any]]:
    """Build the rows of `changes`; `opened_by` None: the first event is on the record."""
    first = transition.events[0]
    opened_by = first.by if first.sequence == 1 else None
    followed = (event for event in transition.events if event.kind in tables.FOLLOWED)
    return [{"sequence": event.sequence, "opened_by": opened_by} for event in followed]


def _alert(event: Event) -> dict[str, Any]:
    return {
        "sequence": event.sequence,
        "kind": event.kind,
        "occasion": event.detail.get("occasion"),
        "recipients": event.detail["to"],
        "owed_at": event.at,
        "what": event.what,
    }
