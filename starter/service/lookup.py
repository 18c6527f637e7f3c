"""Read one complaint for staff: its history, its deadlines, and who read its words."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from enum import StrEnum
from typing import Any, NamedTuple, TypeVar

from pydantic import BaseModel, Field
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client

from complaints.procedure.dates.ledgers import LedgerView
from complaints.procedure.form import Form
from complaints.procedure.views.views import ComplaintHistory, ComplaintView, EventView
from complaints.records import queries
from complaints.records.callers.readings import Readings, list_readings
from complaints.records.database import RecordError
from complaints.records.erasure import find_tombstone
from complaints.records.tombstone import Tombstone
from starter.api.auth.staff import StaffCaller
from starter.api.problems import translate_errors, unknown_complaint
from starter.client.query_complaint import OpenRecord, fetch_history, fetch_ledgers
from starter.service.access import Access, may_read_words, no_part
from starter.service.references import require_valid_reference

QUERY_TIMEOUT_SECONDS = 2.5
"""A worker answers within milliseconds; then the record answers."""

T = TypeVar("T")
Fetch = Callable[[Client, OpenRecord, str, float, Callable[[str], None]], Awaitable[T | None]]


class Source(StrEnum):
    """What answered."""

    WORKFLOW = "workflow"
    RECORD = "record"
    """The workflow has ended, or no worker answers."""
    LOST = "lost"
    """The record; the complaint is open on it, but its workflow does not run, so nothing of it goes on."""


class Sourced(NamedTuple):
    """An answer and what gave it."""

    source: Source
    answer: Any


class EventToSee(EventView):
    """An event of a complaint."""

    words: dict[str, str] = Field(default_factory=dict)
    """Where words are asked for: people's words by field; empty ones are erased."""


class HistoryToSee(ComplaintView):
    """A complaint with all that happened.

    The texts of recommendations and undertakings are empty for staff who have no part in it.
    """

    events: list[EventToSee]
    form: Form | None = None
    """Where words are asked for: the form as it is now; null while the record lacks it."""
    tombstone: Tombstone | None = None
    """When and why the complaint was anonymised or erased; left out if it was not."""


class Lookup:
    """Read complaints for staff. Expected failures are raised as ProblemError."""

    def __init__(self, client: Client, engine: AsyncEngine, access: Access) -> None:
        self._client = client
        self._engine = engine
        self._access = access

    async def history(self, reference: str, caller: StaffCaller, *, with_words: bool) -> Sourced:
        """Read a complaint's history; with words only if the caller may read them.

        Raises ProblemError.
        """
        source, history = await self._fetch(reference, fetch_history)
        may_read = may_read_words(caller, history.readers)
        if with_words and not may_read:
            raise no_part()
        answer = await self._with_words(history) if with_words else history.model_dump(exclude={"readers"})
        if not may_read:
            for each in (*answer["recommendations"], *answer["undertakings"]):
                each["what"] = ""
        elif with_words or answer["recommendations"] or answer["undertakings"]:
            self._access.count_reading([reference], caller)
        if history.closed_at and (tombstone := await self._tombstone(reference)):
            answer["tombstone"] = tombstone.model_dump()
        return Sourced(source, HistoryToSee.model_validate(answer))

    async def deadlines(self, reference: str, caller: StaffCaller) -> Sourced:
        """Explain each deadline; with the reasons of its moves if the caller may read them.

        Raises ProblemError.
        """
        source, ledgers = await self._fetch(reference, fetch_ledgers)
        if any(ledger.moves for ledger in ledgers):
            with suppress(RecordError):  # while the record is unavailable, the reasons are missing
                if may_read_words(caller, await queries.read_readers(self._engine, reference) or ()):
                    _add_reasons(ledgers, await queries.read_free_text(self._engine, reference))
                    self._access.count_reading([reference], caller)
        return Sourced(source, ledgers)

    async def readings(self, reference: str) -> list[Readings]:
        """List who read the words of a complaint. Raises ProblemError."""
        require_valid_reference(reference)
        with translate_errors():
            if await queries.find_complaint(self._engine, reference) is None:
                raise unknown_complaint()
            return await list_readings(self._engine, reference)

    async def _fetch(self, reference: str, fetch: Fetch[T]) -> tuple[Source, T]:
        require_valid_reference(reference)
        source = Source.WORKFLOW

        @asynccontextmanager
        async def open_record() -> AsyncIterator[AsyncEngine]:
            nonlocal source
            source = Source.RECORD
            yield self._engine

        lost: list[str] = []
        with translate_errors():
            answer = await fetch(self._client, open_record, reference, QUERY_TIMEOUT_SECONDS, lost.append)
        if answer is None:
            raise unknown_complaint()
        return Source.LOST if lost else source, answer

    async def _with_words(self, history: ComplaintHistory) -> dict[str, Any]:
        """Return the history as fields, with the words of each event and the form.

        Raises ProblemError.
        """
        with translate_errors():
            texts = await queries.read_free_text(self._engine, history.reference)
            form = await queries.read_form(self._engine, history.reference)
        answer = history.model_dump(exclude={"readers"})
        for event in answer["events"]:
            event["words"] = texts.get(event["sequence"], {})
        return answer | {"form": form and form.model_dump()}

    async def _tombstone(self, reference: str) -> Tombstone | None:
        with suppress(RecordError):
            return await find_tombstone(self._engine, reference)
        return None


def to_json(answer: BaseModel) -> str:
    """Serialise an answer without the fields that it was not given."""
    return answer.model_dump_json(exclude_unset=True)


def _add_reasons(ledgers: list[LedgerView], free_text: Mapping[int, Mapping[str, str]]) -> None:
    for move in (move for ledger in ledgers for move in ledger.moves):
        texts = free_text.get(move.event or 0, {})
        move.why = texts.get("explanation") or texts.get("reason")
