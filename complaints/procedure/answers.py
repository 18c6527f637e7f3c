"""R2, R11: the answers to a complaint's acts, by which a repeated act is recognised.

The latest answers are kept as they are. Older ones are kept in compressed pages, so that the state of a complaint with
many thousand acts stays below Temporal's limit for a payload. The record has every answer, by the digest of its act's
id, so that a complaint that is revived from the record still knows its acts.
"""

import base64
import hashlib
import json
import zlib
from collections.abc import Iterable
from datetime import date, datetime
from itertools import islice, takewhile
from typing import Any

from pydantic import BaseModel, PrivateAttr

from complaints.procedure.act_models.act_types import Act
from complaints.procedure.enums import Need, Status

MOST_RECENT = 300
"""The most answers on the record that are not in a page."""
PAGE_SIZE = 200
"""How many answers, the oldest first, make a page."""
MAX_PAGE_CHARACTERS = 800_000
"""The most characters of all pages: some twenty thousand answers. Beyond it, the oldest page is dropped."""
ID_DIGEST_BYTES = 9


class Answer(BaseModel):
    """The answer to an act, with the complaint's status. A repeat gets the same answer (R11)."""

    id: str
    act: str
    """The act's name."""
    reference: str
    code: str
    """`done`, or the code of a refusal."""
    sentence: str
    status: Status
    tier: str | None
    holder: str | None
    next_due_at: datetime | None
    due: str | None = None
    """What is due first, as in `ComplaintView`."""
    due_on: date | None = None
    due_at: datetime | None = None
    needs: tuple[Need, ...] = ()
    """What the complainant needs (R9)."""


class GivenAnswer(BaseModel):
    """An answer, with the digest of the content of its act."""

    content: str
    answer: Answer
    sequence: int
    """The complaint's last event when the answer was given: the act's own, or one that followed from it."""


class RecordedAnswer(BaseModel):
    """An answer as the record has it."""

    act_digest: str
    """Of the act's id, as `act_digest` builds it."""
    content: str
    sequence: int
    answer: dict[str, Any]
    """The Answer as JSON, without its id."""


class Answers(BaseModel):
    """The answers of one complaint, by the acts' ids."""

    recent: dict[str, GivenAnswer] = {}
    pages: list[str] = []
    """Older answers, oldest page first: a JSON list of rows, compressed, in base 85."""
    _by_digest: dict[str, list[Any]] | None = PrivateAttr(None)
    """The rows of all pages by the digest of their act's id; None: not read yet."""

    def __contains__(self, act_id: str) -> bool:
        return act_id in self.recent or act_digest(act_id) in self._paged()

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> "Answers":
        """Copy the containers only: an answer never changes."""
        return Answers.model_construct(recent=dict(self.recent), pages=list(self.pages))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Answers) and (self.recent, self.pages) == (other.recent, other.pages)

    def get(self, act_id: str) -> Answer | None:
        """Return the answer to the act with this id; None: there is none yet."""
        given = self._find(act_id)
        return given.answer if given else None

    def has_other_content(self, act: Act) -> bool:
        """Return whether another act, or another content of it, has this act's id."""
        given = self._find(act.id)
        return given is not None and given.content != act.content_digest

    def add(self, answer: Answer, content: str, sequence: int) -> None:
        """Keep an answer under its id. `sequence`: the complaint's last event by then."""
        self.recent[answer.id] = GivenAnswer(content=content, answer=answer, sequence=sequence)

    def between(self, after: int, until: int) -> list[GivenAnswer]:
        """Return the answers given after event `after` and until event `until`, in order.

        The events after `after` are not on the record yet, so none of these answers is in a page.
        """
        newest_first = takewhile(lambda given: given.sequence > after, reversed(self.recent.values()))
        return [given for given in newest_first if given.sequence <= until][::-1]

    def page_recorded(self, sequence: int) -> None:
        """Move old answers into pages, as the record has all until event `sequence`."""
        while len(self.recent) > MOST_RECENT:
            oldest = list(islice(self.recent.values(), PAGE_SIZE))
            if oldest[-1].sequence > sequence:
                return
            self._add_page([_row(act_digest(given.answer.id), given) for given in oldest])
            for given in oldest:
                del self.recent[given.answer.id]

    @classmethod
    def from_record(cls, recorded: Iterable[RecordedAnswer]) -> "Answers":
        """Build the answers of a complaint that is revived: all in pages. The order is by sequence."""
        rows = [[each.act_digest, each.content, *map(each.answer.get, PAGED_FIELDS)] for each in recorded]
        answers = cls()
        for start in range(0, len(rows), PAGE_SIZE):
            answers._add_page(rows[start : start + PAGE_SIZE])
        return answers

    def _find(self, act_id: str) -> GivenAnswer | None:
        if given := self.recent.get(act_id):
            return given
        row = self._paged().get(act_digest(act_id))
        if row is None:
            return None
        content, *values = row
        fields = {"id": act_id} | dict(zip(PAGED_FIELDS, values, strict=True))
        return GivenAnswer(content=content, answer=Answer.model_validate(fields), sequence=0)

    def _paged(self) -> dict[str, list[Any]]:
        if self._by_digest is None:
            self._by_digest = {row[0]: row[1:] for page in self.pages for row in _read_page(page)}
        return self._by_digest

    def _add_page(self, rows: list[list[Any]]) -> None:
        text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
        self.pages.append(base64.b85encode(zlib.compress(text.encode(), 9)).decode())
        self._by_digest = None
        while sum(map(len, self.pages)) > MAX_PAGE_CHARACTERS:
            del self.pages[0]


PAGED_FIELDS = tuple(field for field in Answer.model_fields if field != "id")


def recorded_answer(given: GivenAnswer) -> RecordedAnswer:
    """Return an answer as the record keeps it."""
    return RecordedAnswer(
        act_digest=act_digest(given.answer.id),
        content=given.content,
        sequence=given.sequence,
        answer=given.answer.model_dump(mode="json", exclude={"id"}),
    )


def act_digest(act_id: str) -> str:
    """Return the digest by which the record and the pages know an act."""
    return base64.b64encode(hashlib.sha256(act_id.encode()).digest()[:ID_DIGEST_BYTES]).decode()


def _row(digest: str, given: GivenAnswer) -> list[Any]:
    values = given.answer.model_dump(mode="json")
    return [digest, given.content, *(values[field] for field in PAGED_FIELDS)]


def _read_page(page: str) -> list[list[Any]]:
    rows: list[list[Any]] = json.loads(zlib.decompress(base64.b85decode(page)))
    return rows
