"""Find, in texts that are to be published, what identifies a complainant of the record."""

import re
from collections.abc import AsyncIterator, Collection, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import BigInteger, Select, cast, func, select
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.procedure.dates.date_format import LONG_MONTHS
from complaints.procedure.enums import EventKind
from complaints.procedure.form import Case, Complainant, Form
from complaints.records import tables
from complaints.records.database import translate_database_errors
from complaints.records.personal.blind_index import token_of_word
from complaints.records.personal.encryption import keys_of
from complaints.records.search import decrypt_form, normalise, read_search_keys, search_terms

BATCH_SIZE = 1_000
"""Complaints that are in memory at once."""
MIN_NAME_LENGTH = 3
"""Shorter parts of a name occur in too many texts."""
MIN_NUMBER_LENGTH = 5
WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
ORDINARY_WORDS = frozenset(
    {*(month.lower() for month in LONG_MONTHS), *WEEKDAYS}
    | {
        "and",
        "anonymised",
        "bank",
        "company",
        "for",
        "group",
        "insurance",
        "limited",
        "llp",
        "ltd",
        "mrs",
        "plc",
        "services",
        "sir",
        "the",
    }
)
"""Parts of names that say nothing alone: `May`, or the `Bank` of a business."""
TITLES = ("mr", "mrs", "ms", "miss", "mx", "dr", "sir", "dame", "lord", "lady", "prof", "professor", "reverend", "rev")
_POSSESSIVE = re.compile(r"['\u2019]s\b", re.IGNORECASE)


class FoundName(NamedTuple):
    """An identifier that a text has."""

    place: str
    name: str
    whose: str
    """`the complainant` of a finding, or `a complainant`."""


class _Words:
    """The words of a text, normalised, for quick look-ups of phrases."""

    def __init__(self, text: str) -> None:
        plain = _POSSESSIVE.sub(" ", text)
        self.all = _words(plain)
        self._known = frozenset(self.all)
        self._joined = f" {' '.join(self.all)} "
        self._capitalised = frozenset(
            _words(" ".join(word for word in re.findall(r"\w+", plain) if not word.islower()))
        )

    def has(self, phrase: str) -> bool:
        words = _words(phrase)
        return bool(words) and words[0] in self._known and f" {' '.join(words)} " in self._joined

    def has_as_name(self, word: str) -> bool:
        """Return whether the text has the word, beginning with a capital letter."""
        return normalise(word) in self._capitalised


async def find_names(
    engine: AsyncEngine, policy: str, reviewing_tier: str, findings: Collection[str], texts: Mapping[str, str]
) -> list[FoundName]:
    """List what identifies a complainant in the texts, by their places.

    A text must not have: a full name, mail address or reference of anybody; a surname with a title before it; a part of
    the name of somebody whose complaint reached the reviewing tier. For the complaints of `findings`, not even
    in small letters, nor a line of their address. Raises RecordUnreachableError.
    """
    words = {place: _Words(text) for place, text in texts.items() if text}
    if not words:
        return []
    found: dict[FoundName, None] = {}
    with translate_database_errors():
        async with engine.connect() as connection:
            async for reference, complainant, case in _read_reviewed(connection, policy, reviewing_tier, findings):
                whose = "the complainant" if reference in findings else "a complainant"
                for place, text in words.items():
                    for name in _identifiers_in(text, reference, complainant, case, is_finding=reference in findings):
                        found[FoundName(place, name, whose)] = None
            async for terms in _read_terms(connection, policy, {word for text in words.values() for word in text.all}):
                for place, text in words.items():
                    found |= dict.fromkeys(FoundName(place, name, "a complainant") for name in _terms_in(text, terms))
    return list(_without_repeats(found))


def _identifiers_in(
    text: _Words, reference: str, complainant: Complainant, case: Case, *, is_finding: bool
) -> Iterator[str]:
    address = (complainant.address or "").splitlines() if is_finding else ()
    whole = [reference, case.reference, complainant.email] if is_finding else []
    yield from (each for each in [*whole, *address] if each and _says_who(each) and text.has(each))
    names = f"{complainant.name} {complainant.represents or ''}"
    for part in re.findall(r"\w+", names):
        if _says_who(part) and (text.has(part) if is_finding else text.has_as_name(part)):
            yield part


def _says_who(part: str) -> bool:
    return len(part) >= MIN_NAME_LENGTH and part.lower() not in ORDINARY_WORDS


def _terms_in(text: _Words, terms: Sequence[str]) -> Iterator[str]:
    """Yield the terms that the text has and that say who it is, and surnames after a title.

    A name may also have its surname first, as in an index.
    """
    for term in terms:
        *first_names, surname = term.split()
        if _is_telling(term) and (text.has(term) or text.has(" ".join([surname, *first_names]))):
            yield term
        if " " in term and surname.isalpha() and any(text.has(f"{title} {surname}") for title in TITLES):
            yield surname


def _is_telling(term: str) -> bool:
    """Return whether a term says who it is: `7` may be any number, and a single word any word."""
    if term.isdigit():
        return len(term) >= MIN_NUMBER_LENGTH
    return " " in term or "@" in term or any(character.isdigit() for character in term)


def _without_repeats(found: Iterable[FoundName]) -> Iterator[FoundName]:
    """Leave out what names somebody again, in other letters."""
    seen: set[tuple[str, str]] = set()
    for each in found:
        key = (each.place, normalise(each.name))
        if key not in seen:
            seen.add(key)
            yield each


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", normalise(text))


async def _read_reviewed(
    connection: AsyncConnection, policy: str, tier: str, findings: Collection[str]
) -> AsyncIterator[tuple[str, Complainant, Case]]:
    """Yield reference, complainant and case of what reached the tier, or is a finding."""
    table, event = tables.complaints, tables.events
    reached = select(event.c.reference).where(
        event.c.kind == EventKind.TIER_REACHED, event.c.detail["tier"].astext == tier
    )
    of_policy = _select_forms(policy).where(table.c.reference.in_(reached) | table.c.reference.in_(findings))
    async for form in _stream_forms(connection, of_policy):
        yield form.reference, form.complainant, form.case


async def _read_terms(connection: AsyncConnection, policy: str, words: Collection[str]) -> AsyncIterator[list[str]]:
    """Yield the search terms of each complaint of the policy that has one of the words."""
    search, keys = tables.search_terms, await read_search_keys(connection, keys_of(connection))
    tokens = [token_of_word(key, word) for key in keys for word in words]
    has_word = search.c.tokens.overlap(cast(tokens, ARRAY(BigInteger)))
    of_policy = _select_forms(policy).join(search, search.c.reference == tables.complaints.c.reference).where(has_word)
    async for form in _stream_forms(connection, of_policy):
        yield search_terms(form)


def _select_forms(policy: str) -> Select[str, bytes | None]:
    table = tables.complaints.c
    of_policy = func.split_part(table.policy, " ", 1) == policy
    return select(table.reference, table.encrypted_state).where(of_policy).order_by(table.reference)


async def _stream_forms(connection: AsyncConnection, statement: Select[str, bytes | None]) -> AsyncIterator[Form]:
    """Yield the forms that are not erased."""
    keys = keys_of(connection)
    async for reference, state in await connection.stream(statement, execution_options={"yield_per": BATCH_SIZE}):
        if form := await decrypt_form(keys, reference, state):
            yield form
