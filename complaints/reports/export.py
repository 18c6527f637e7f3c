"""Export the record as a stream, in constant memory."""

import json
from collections.abc import AsyncGenerator
from contextlib import aclosing
from datetime import datetime
from typing import Any, NamedTuple

from pydantic_core import from_json
from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.data_keys import KeyRing
from complaints.records.database import translate_database_errors
from complaints.records.personal.encryption import decrypt_free_text, decrypt_state, keys_of
from complaints.records.tables import INSTANT
from complaints.reports.period import Period
from complaints.reports.snapshot import load_query, open_snapshot

BATCH_SIZE = 200
"""Rows that are in memory at once."""


class EventRow(NamedTuple):
    """An event, with its complaint."""

    reference: str
    policy: str
    status: str
    tier: str | None
    received_at: datetime
    closed_at: datetime | None
    closing_reason: str | None
    aspects: str
    sequence: int
    at: datetime
    recorded_at: datetime
    """When a worker wrote it first; `at` is by the complaint's own clock."""
    kind: str
    by: str | None
    what: str
    detail: str
    """JSON."""
    words_digest: str | None
    link: str
    """The digest of this event and all before it."""
    words: str | None
    """Free text as JSON; None: not requested, or none."""
    complainant: str | None
    """Their name. This and what follows is personal data; None: not requested, or none."""
    capacity: str | None
    represents: str | None
    """The person that a representative complains for."""
    authority: str | None
    needs: str | None
    """As JSON."""
    email: str | None
    address: str | None
    case_reference: str | None


async def export_complaints(engine: AsyncEngine, period: Period, *, with_free_text: bool) -> AsyncGenerator[str, None]:
    """Stream the complaints received in a period, each as one line of JSON.

    Raises RecordUnreachableError, RecordError.
    """
    async with aclosing(_stream(engine, "export_complaints", period, with_free_text=with_free_text)) as rows:
        async for row in rows:
            yield await _with_personal_data(keys_of(engine), row) if with_free_text else row.record


async def export_events(engine: AsyncEngine, period: Period, *, with_free_text: bool) -> AsyncGenerator[EventRow, None]:
    """Stream the events of the same complaints. Raises RecordUnreachableError, RecordError."""
    reference, personal = "", _NOTHING_PERSONAL
    async with aclosing(_stream(engine, "export_events", period, with_free_text=with_free_text)) as rows:
        async for row in rows:
            *event, words, public_state, encrypted_state = row
            if with_free_text and row.reference != reference:
                state = await decrypt_state(keys_of(engine), row.reference, from_json(public_state), encrypted_state)
                reference, personal = row.reference, _personal_columns(state["form"])
            if words:
                words = _dump(await _decrypt_words(keys_of(engine), row.reference, row.sequence, from_json(words)))
            yield EventRow._make((*event, words, *personal))


_NOTHING_PERSONAL: tuple[str | None, ...] = (None,) * 8


def _personal_columns(form: dict[str, Any]) -> tuple[str | None, ...]:
    """Return the columns of an EventRow from `complainant` on."""
    complainant = form["complainant"]
    needs = {need: value for need, value in (complainant.get("needs") or {}).items() if value}
    return (
        *(complainant.get(field) for field in ("name", "capacity", "represents", "authority")),
        _dump(needs) if needs else None,
        *(complainant.get(field) for field in ("email", "address")),
        form["case"].get("reference"),
    )


async def _with_personal_data(keys: KeyRing, row: Any) -> str:
    """Return a complaint's record as JSON with what of it was encrypted."""
    record: dict[str, Any] = from_json(row.record)
    state = await decrypt_state(keys, row.reference, record, row.encrypted_state)
    record["form"] = _without_nulls(state["form"])
    texts = {each["number"]: each["what"] for each in state.get("undertakings", ())}
    for undertaking in record.get("undertakings", ()):
        undertaking["what"] = texts[undertaking["number"]]
    for event in record["events"]:
        if words := event.get("words"):
            event["words"] = await _decrypt_words(keys, row.reference, event["sequence"], words)
    return _dump(record)


async def _decrypt_words(keys: KeyRing, reference: str, sequence: int, words: dict[str, str | None]) -> dict[str, str]:
    """Decrypt the free text of an event, which PostgreSQL writes in JSON as hexadecimal digits."""
    encrypted = {field: bytes.fromhex(text.removeprefix(r"\x")) if text else None for field, text in words.items()}
    return {field: await decrypt_free_text(keys, reference, sequence, field, data) for field, data in encrypted.items()}


def _without_nulls(value: Any) -> Any:
    """Leave out nulls, as `jsonb_strip_nulls` does."""
    if isinstance(value, dict):
        return {key: _without_nulls(each) for key, each in value.items() if each is not None}
    return [_without_nulls(each) for each in value] if isinstance(value, list) else value


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


async def _stream(engine: AsyncEngine, name: str, period: Period, *, with_free_text: bool) -> AsyncGenerator[Any, None]:
    """Stream a query's rows from one snapshot, by a server-side cursor."""
    statement = text(load_query(name)).bindparams(bindparam("start", type_=INSTANT), bindparam("end", type_=INSTANT))
    parameters = {"start": period.start, "end": period.end, "with_free_text": with_free_text}
    with translate_database_errors():
        async with open_snapshot(engine) as snapshot:
            rows = await snapshot.connection.stream(statement, parameters, execution_options={"yield_per": BATCH_SIZE})
            async for row in rows:
                yield row
