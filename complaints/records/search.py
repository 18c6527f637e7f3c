"""Find complaints in `search_terms`: by name, email, case or reference.

Of a representative, by the name of the person they represent, too.
"""

import unicodedata
from collections.abc import Collection
from datetime import datetime

from pydantic import BaseModel
from sqlalchemy import Text, and_, cast, literal, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.enums import Capacity, ClosingReason, Status
from complaints.procedure.field_types import HIDE_INPUT
from complaints.procedure.form import Form
from complaints.records import tables
from complaints.records.database import translate_database_errors

_PLAIN_LETTERS = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "\u0131": "i", "ħ": "h", "ŧ": "t"}
)
"""Letters that Unicode does not decompose into a plain letter and an accent."""
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


def search_terms(form: Form) -> str:
    """Return the terms by which a complaint is found, a line for each."""
    complainant = form.complainant
    terms = (form.reference, form.case.reference, complainant.name, complainant.represents, complainant.email)
    return "\n".join(normalise(term) for term in terms if term)


async def find_complaints(
    engine: AsyncEngine, text: str, limit: int, readers: Collection[str] | None = None
) -> list[FoundComplaint]:
    """Find the complaints whose terms hold every word of the text.

    Those with the whole text as a term come first, then open ones, then the latest. `readers`: only those in which one
    of these has a part, as `readers_of` lists them; None: all. Raises RecordUnreachableError.
    """
    complaint, terms = tables.complaints.c, tables.search_terms.c.terms
    wanted = normalise(text)
    is_exact = (literal("\n") + terms + literal("\n")).contains(f"\n{wanted}\n", autoescape=True)
    complainant = complaint.state["form"]["complainant"]
    statement = (
        select(
            complaint.reference,
            complainant["name"].astext.label("name"),
            complainant["capacity"].astext.label("capacity"),
            complainant["represents"].astext.label("represents"),
            complaint.state["form"]["case"]["reference"].astext.label("case"),
            complaint.tier,
            complaint.status,
            complaint.closing_reason,
            complaint.holder,
            complaint.received_at,
            complaint.view["time_zone"].astext.label("time_zone"),
        )
        .join(tables.search_terms, tables.search_terms.c.reference == complaint.reference)
        .where(and_(*(terms.contains(word, autoescape=True) for word in wanted.split())))
        .order_by(
            is_exact.desc(),
            (complaint.status == Status.CLOSED.value).asc(),
            complaint.received_at.desc(),
            complaint.reference,
        )
        .limit(limit)
    )
    if readers is not None:
        statement = statement.where(complaint.view["readers"].has_any(cast([*readers], ARRAY(Text))))
    with translate_database_errors():
        async with engine.connect() as connection:
            rows = await connection.execute(statement)
            return [FoundComplaint.model_validate(dict(row)) for row in rows.mappings()]
