"""Read the state from which a complaint's workflow can start again."""

from typing import NamedTuple

from pydantic_core import from_json
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.encryption.data_keys import KeyRing
from complaints.procedure.answers import Answers, RecordedAnswer
from complaints.procedure.state import MAX_EVENTS_IN_STATE, ComplaintState
from complaints.records import tables
from complaints.records.database import translate_database_errors
from complaints.records.personal.encryption import STATE, decrypt, decrypt_answer, keys_of

_EVENT = ("sequence", "at", "kind", "by", "what", "detail", "words_digest", "link")


class ResumableState(NamedTuple):
    """A complaint as the record has it, with what its workflow keeps of events and answers."""

    state: ComplaintState
    opened_by: str
    recorded: int
    """The last event on the record. `state.sequence` is greater if a burst was recorded in part only."""
    is_removed: bool
    """Whether the complaint was anonymised, or is marked for erasure, or its key is destroyed."""

    @property
    def lost_events(self) -> range:
        """The events that the state knows and the record never got."""
        return range(self.recorded + 1, self.state.sequence + 1)


async def read_resumable_state(engine: AsyncEngine, reference: str) -> ResumableState | None:
    """Read the last recorded state with its answers and its latest events, in one snapshot.

    None: it is not on the record. Raises RecordUnreachableError.
    """
    with translate_database_errors():
        async with engine.connect() as connection:
            await connection.execution_options(isolation_level="REPEATABLE READ")
            return await _read(connection, keys_of(engine), reference)


async def _read(connection: AsyncConnection, keys: KeyRing, reference: str) -> ResumableState | None:
    complaint, event, answer = tables.complaints, tables.events, tables.answers
    is_removed = select(tables.tombstones.c.reference).where(tables.tombstones.c.reference == reference).exists()
    opened_by = select(event.c.by).where(event.c.reference == reference, event.c.sequence == 1).scalar_subquery()
    row = (
        await connection.execute(
            select(
                *tables.STATE_COLUMNS, complaint.c.sequence, opened_by.label("opened_by"), is_removed.label("removed")
            ).where(complaint.c.reference == reference)
        )
    ).one_or_none()
    if row is None:
        return None
    events = await connection.execute(
        select(*(event.c[name] for name in _EVENT))
        .where(event.c.reference == reference, event.c.sequence <= row.sequence)
        .order_by(event.c.sequence.desc())
        .limit(MAX_EVENTS_IN_STATE)
    )
    answers = await connection.execute(
        select(*(answer.c[name] for name in RecordedAnswer.model_fields), answer.c.sentence)
        .where(answer.c.reference == reference)
        .order_by(answer.c.sequence, answer.c.act_digest)
    )
    given = []
    for each in answers.mappings().all():
        whole = await decrypt_answer(keys, reference, each["act_digest"], each["answer"], each["sentence"])
        given.append(RecordedAnswer.model_validate({**each, "answer": whole}))
    text = await decrypt(keys, reference, STATE, row.encrypted_state)
    state = row.state if text is None else row.state | from_json(text)
    resumed = ComplaintState.model_validate({**state, "events": [dict(each) for each in events.mappings()][::-1]})
    resumed.answers = Answers.from_record(given)
    return ResumableState(resumed, row.opened_by or "", row.sequence, row.removed or text is None)
