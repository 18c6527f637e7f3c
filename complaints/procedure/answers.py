"""R2, R11: the answers to a complaint's acts, by which a repeated act is recognised.

The latest answers are kept as they are. Older ones are kept in compressed pages, so that the state of a complaint with
many thousand acts stays below Temporal's limit for a payload.
"""

import base64
import hashlib
import json
import zlib
from datetime import date, datetime
from itertools import islice
from typing import Any

from pydantic import BaseModel, PrivateAttr

from complaints.procedure.act_models.act_types import Act
from complaints.procedure.enums import Need, Status

MOST_RECENT = 300
"""The most answers that are not in a page."""
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


class Answers(BaseModel):
    """The answers of one complaint, by the acts' ids."""

    recent: dict[str, GivenAnswer] = {}
    pages: list[str] = []
    """Older answers, oldest page first: a JSON list of rows, compressed, in base 85."""
    _by_digest: dict[str, list[Any]] | None = PrivateAttr(None)
    """The rows of all pages by the digest of their act's id; None: not read yet."""

    def __contains__(self, act_id: str) -> bool:
        return act_id in self.recent or _digest(act_id) in self._paged()

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

    def add(self, answer: Answer, content: str) -> None:
        """Keep an answer under its id. The oldest recent ones go into a page if there are too many."""
        self.recent[answer.id] = GivenAnswer(content=content, answer=answer)
        if len(self.recent) > MOST_RECENT:
            self._add_page([self.recent.pop(act_id) for act_id in list(islice(self.recent, PAGE_SIZE))])

    def _find(self, act_id: str) -> GivenAnswer | None:
        if given := self.recent.get(act_id):
            return given
        row = self._paged().get(_digest(act_id))
        if row is None:
            return None
        content, *values = row
        fields = {"id": act_id} | dict(zip(PAGED_FIELDS, values, strict=True))
        return GivenAnswer(content=content, answer=Answer.model_validate(fields))

    def _paged(self) -> dict[str, list[Any]]:
        if self._by_digest is None:
            self._by_digest = {row[0]: row[1:] for page in self.pages for row in _read_page(page)}
        return self._by_digest

    def _add_page(self, given: list[GivenAnswer]) -> None:
        rows = [[_digest(each.answer.id), each.content, *_values(each.answer)] for each in given]
        text = json.dumps(rows, ensure_ascii=False, separators=(",", ":"))
        self.pages.append(base64.b85encode(zlib.compress(text.encode(), 9)).decode())
        self._by_digest = None
        while sum(map(len, self.pages)) > MAX_PAGE_CHARACTERS:
            del self.pages[0]


PAGED_FIELDS = tuple(field for field in Answer.model_fields if field != "id")


def _values(answer: Answer) -> list[Any]:
    values = answer.model_dump(mode="json")
    return [values[field] for field in PAGED_FIELDS]


def _read_page(page: str) -> list[list[Any]]:
    rows: list[list[Any]] = json.loads(zlib.decompress(base64.b85decode(page)))
    return rows


def _digest(act_id: str) -> str:
    return base64.b64encode(hashlib.sha256(act_id.encode()).digest()[:ID_DIGEST_BYTES]).decode()
