"""Build the rows that a transition adds to the tables of a complaint."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json
from sqlalchemy import Table

from complaints.encryption.data_keys import DataKey
from complaints.procedure.anonymisation import public_state, with_texts_of
from complaints.procedure.answers import GivenAnswer, recorded_answer
from complaints.procedure.enums import EventKind
from complaints.procedure.form import Form
from complaints.procedure.recorded_state import RecordedState
from complaints.procedure.state import Event
from complaints.procedure.views.views import ComplaintView, Transition
from complaints.records import tables
from complaints.records.database import serialise_json
from complaints.records.personal.blind_index import tokens_of
from complaints.records.personal.encryption import FREE_TEXT, SENTENCE, STATE, Cipher
from complaints.records.search import index_terms

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


def build_complaint_row(
    transition: Transition, state: RecordedState, view: ComplaintView, cipher: Cipher
) -> dict[str, Any]:
    """Build the complaint's own row: in clear what SQL needs, and all of the state encrypted."""
    text = serialise_json(state)
    public = public_state(from_json(text))
    return {name: getattr(view, name) for name in VIEW_COLUMNS} | {
        "form_digest": state.form_digest,
        "view": with_texts_of(public, view.model_dump(mode="json")),
        "state": public,
        "encrypted_state": cipher.encrypt(STATE, text),
        "policy_digest": transition.policy_digest,
        "calendar_digest": transition.calendar_digest,
    }


def build_rows(
    transition: Transition, search_row: dict[str, Any], view: dict[str, Any] | None, cipher: Cipher, at: datetime
) -> dict[str, list[dict[str, Any]]]:
    """Build the rows of every other table that a transition adds, by the table's name.

    `at`: when they are written. `view`: of the complaint's row; None: a newer one is recorded.
    """
    reference = {"reference": transition.reference}
    rows_by_table: dict[Table, list[dict[str, Any]]] = {
        tables.events: [event.model_dump(exclude={"free_text"}) | {"recorded_at": at} for event in transition.events],
        tables.free_text: [row for event in transition.events for row in _free_text(event, cipher)],
        tables.answers: [_answer(given, cipher) for given in transition.answers],
        tables.letters: [_letter(event) for event in transition.events if event.kind == EventKind.LETTER],
        tables.search_terms: [search_row] if view else [],
        tables.changes: _changes(transition),
        tables.alerts: [_alert(event) for event in transition.events if event.kind in tables.ALERTS],
        tables.deadlines: view["deadlines"] if view else [],
        tables.undertakings: view["undertakings"] if view else [],
    }
    return {table.name: [reference | row for row in rows] for table, rows in rows_by_table.items()}


def build_basis_rows(transition: Transition) -> dict[str, list[dict[str, Any]]]:
    """Build the rows of the policy and the calendar of a whole transition, by the table's name."""
    basis: tuple[tuple[Table, str, BaseModel | None], ...] = (
        (tables.policies, transition.policy_digest, transition.new_policy),
        (tables.calendars, transition.calendar_digest, transition.new_calendar),
    )
    return {table.name: [{"digest": digest, "content": content}] if content else [] for table, digest, content in basis}


def build_search_row(form: Form, key: DataKey) -> dict[str, Any]:
    """Build the row by which a complaint is found. The same form gives the same row."""
    return {"key": key.id, "tokens": tokens_of(key, tuple(index_terms(form)))}


def _free_text(event: Event, cipher: Cipher) -> Iterator[dict[str, Any]]:
    for field, text in event.free_text.items():
        encrypted = cipher.encrypt(FREE_TEXT.format(sequence=event.sequence, field=field), text)
        yield {"sequence": event.sequence, "field": field, "text": _as_json(encrypted)}


def _answer(given: GivenAnswer, cipher: Cipher) -> dict[str, Any]:
    row = recorded_answer(given)
    sentence = cipher.encrypt(SENTENCE.format(act_digest=row.act_digest), row.answer["sentence"])
    return row.model_dump() | {"answer": row.answer | {"sentence": ""}, "sentence": _as_json(sentence)}


def _as_json(data: bytes) -> str:
    """Write bytes as PostgreSQL reads them in JSON."""
    return f"\\x{data.hex()}"


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
