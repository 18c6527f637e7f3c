"""Find complaints by the tokens of `search_terms`: by name, email, case or reference.

Of a representative, by the name of the person they represent, too.
"""

import re
import unicodedata
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from pydantic_core import from_json
from sqlalchemy import Row, Select, Text, cast, or_, select, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.encryption.data_keys import DataKey, KeyRing
from complaints.procedure.enums import Capacity, ClosingReason, Status
from complaints.procedure.field_types import HIDE_INPUT
from complaints.procedure.form import Form
from complaints.records import tables
from complaints.records.database import translate_database_errors, translate_key_errors
from complaints.records.personal.blind_index import SEARCH, has_word, query_words, token_of_term, token_of_word
from complaints.records.personal.encryption import STATE, MissingKeyError, decrypt, keys_of

_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h", "ŧ": "t"}
)
"""Letters that Unicode does not decompose into a plain letter and an accent."""
_APOSTROPHE = re.compile("['\u2018\u2019\u02bc]")
_PUNCTUATION = str.maketrans(
    dict.fromkeys("'`\"()\u2018\u2019\u02bc\u00b4\u201c\u201d", "")
    | dict.fromkeys(",;", " ")
    | dict.fromkeys("\u2010\u2011\u2012\u2013\u2014", "-")
)
"""Apostrophes and the like count for nothing: `obrien ann` finds O'Brien, Ann."""
_IGNORED_CATEGORIES = ("Mn", "Cf", "Cc")
"""Accents, and characters that nobody sees."""


class FoundComplaint(BaseModel):
    """A complaint that matches a search, with who complains."""

    model_config = HIDE_INPUT

    reference: str
    name: str
    capacity: Capacity
    represents: str | None
    """The person that a representative complains for."""
    case: str
    """The case's reference."""
    tier: str | None
    status: Status
    closing_reason: ClosingReason | None
    holder: str | None
    received_at: datetime
    time_zone: str


def normalise(text: str) -> str:
    """Return the text as it is compared: without case, accents, apostrophes and repeated spaces."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    spaced = "".join(" " if character.isspace() else character for character in plain)
    seen = "".join(each for each in spaced if unicodedata.category(each) not in _IGNORED_CATEGORIES)
    return " ".join(seen.translate(_PLAIN_LETTERS).translate(_PUNCTUATION).split())


def search_terms(form: Form) -> list[str]:
    """Return the normalised terms by which a complaint is found."""
    complainant = form.complainant
    terms = (form.reference, form.case.reference, complainant.name, complainant.represents, complainant.email)
    return [normalise(term) for term in terms if term]


def index_terms(form: Form) -> list[str]:
    """Return the search terms, and each name as if an apostrophe were a space.

    So `neill` finds O'Neill.
    """
    names = (form.complainant.name, form.complainant.represents)
    parted = [_APOSTROPHE.sub(" ", name) for name in names if name and _APOSTROPHE.search(name)]
    return search_terms(form) + [normalise(name) for name in parted]


async def find_complaints(
    engine: AsyncEngine, wanted: str, limit: int, readers: Collection[str] | None = None
) -> list[FoundComplaint]:
    """Find the complaints that have, for every word wanted, a word that begins with it.

    A word of less than three letters must be a whole word. Those with all that is wanted as a term come first, then
    open ones, then the latest. `readers`: only those in which one of these has a part, as `readers_of` lists them;
    None: all. Raises RecordUnreachableError, RecordError.
    """
    term = normalise(wanted)
    words = query_words(term)
    found: list[FoundComplaint] = []
    if not words:
        return found
    keys = keys_of(engine)
    with translate_database_errors():
        async with engine.connect() as connection:
            search_keys = await read_search_keys(connection, keys)
            if not search_keys:
                return found
            statement = _select_with_tokens(search_keys, term, words)
            if readers is not None:
                has_part = tables.complaints.c.view["readers"].has_any(cast([*readers], ARRAY(Text)))
                statement = statement.where(has_part)
            rows = await connection.stream(statement, execution_options={"yield_per": max(limit, 1)})
            async for row in rows:
                form = await decrypt_form(keys, row.reference, row.encrypted_state)
                if form and all(has_word(index_terms(form), word) for word in words):
                    found.append(_found(row, form))
                    if len(found) == limit:
                        break
    return found


async def decrypt_form(keys: KeyRing, reference: str, encrypted_state: bytes | None) -> Form | None:
    """Decrypt a complaint's form; None: it is erased.

    Raises RecordUnreachableError, RecordError.
    """
    state = await decrypt(keys, reference, STATE, encrypted_state)
    return Form.model_validate(from_json(state)["form"]) if state is not None else None


async def read_search_keys(connection: AsyncConnection, keys: KeyRing) -> list[DataKey]:
    """Read the keys of the record's tokens.

    It is one, unless it was rotated, or two processes made the first. [] without tokens. Raises MissingKeyError.
    """
    found = []
    with translate_key_errors():
        for key_id in (await connection.scalars(_SEARCH_KEYS)).all():
            key = await keys.by_id(key_id, SEARCH)
            if key is None:
                raise MissingKeyError(f"the key {key_id} of searches is missing; restore the key store")
            found.append(await keys.bind(key, SEARCH) if key.subject is None else key)
    return found


def _select_with_tokens(keys: Sequence[DataKey], term: str, words: Sequence[str]) -> Select[*tuple[Any, ...]]:
    complaint, tokens = tables.complaints.c, tables.search_terms.c.tokens
    has_words = (tokens.contains([token_of_word(key, word) for word in words]) for key in keys)
    is_exact = or_(*(tokens.contains([token_of_term(key, term)]) for key in keys))
    return (
        select(
            complaint.reference,
            complaint.tier,
            complaint.status,
            complaint.closing_reason,
            complaint.holder,
            complaint.received_at,
            complaint.view["time_zone"].astext.label("time_zone"),
            complaint.encrypted_state,
        )
        .join(tables.search_terms, tables.search_terms.c.reference == complaint.reference)
        .where(or_(*has_words))
        .order_by(
            is_exact.desc(),
            (complaint.status == Status.CLOSED.value).asc(),
            complaint.received_at.desc(),
            complaint.reference,
        )
    )


def _found(row: Row[Any], form: Form) -> FoundComplaint:
    complainant = form.complainant
    return FoundComplaint(
        **{name: getattr(row, name) for name in _FOUND_COLUMNS},
        name=complainant.name,
        capacity=complainant.capacity,
        represents=complainant.represents,
        case=form.case.reference,
    )


_FOUND_COLUMNS = ("reference", "tier", "status", "closing_reason", "holder", "received_at", "time_zone")

_SEARCH_KEYS = text(
    "WITH RECURSIVE keys AS ("
    "SELECT min(key) AS key FROM search_terms UNION ALL "
    "SELECT (SELECT min(key) FROM search_terms WHERE key > keys.key) FROM keys WHERE key IS NOT NULL"
    ") SELECT key FROM keys WHERE key IS NOT NULL"
)
"""Reads one row of the index for each key."""
