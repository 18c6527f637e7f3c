"""Complaints are found by name, email, case or reference; erased ones are not."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.data_keys import new_key
from complaints.procedure.acts import ChangeContact
from complaints.procedure.complaint import Complaint
from complaints.procedure.views.views import transition_since
from complaints.records.erasure import create_tombstone, erase
from complaints.records.personal.blind_index import SEARCH
from complaints.records.personal.encryption import keys_of
from complaints.records.search import find_complaints, normalise
from complaints.records.transitions import write_transition
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.records.sample_complaints import at, opened, withdrawn

MARY = {
    "name": "Zoë O\u2019Brien-Łuczak",
    "capacity": "customer",
    "email": "Zoe.OBrien@example.org",
    "prefers": "email",
}


def complaint_of(reference: str, case: str = "K-1", **complainant: Any) -> Complaint:
    complaint = opened(reference)
    form = complaint.state.form
    complaint.state.form = form.model_validate(
        form.model_dump()
        | {
            "complainant": form.complainant.model_dump() | complainant,
            "case": form.case.model_dump() | {"reference": case},
        }
    )
    return complaint


async def found(engine: AsyncEngine, wanted: str, limit: int = 10) -> list[str]:
    return [complaint.reference for complaint in await find_complaints(engine, wanted, limit)]


@pytest.mark.parametrize(
    "wanted",
    [
        "zoe",
        "ZOË",
        "zoe\u0308",
        "O'Brien",
        "o\u2019brien",
        "obrien luczak",
        "Łuczak, Zoë",
        "  brien   zoe ",
        "C-9",
        "c-9",
    ],
)
async def test_a_complaint_is_found_without_regard_to_case_accents_and_order(engine: AsyncEngine, wanted: str) -> None:
    for complaint in (complaint_of("C-9", "PNX-2031", **MARY), opened("C-2")):
        await write_transition(engine, transition_since(complaint, 0))
    assert await found(engine, wanted) == ["C-9"]


@pytest.mark.parametrize(
    "wanted", ["pnx-2031", "2031", "zoe.obrien@", "@EXAMPLE.ORG zoe", "pnx-20", "examp zo\u00eb.ob"]
)
async def test_a_complaint_is_found_by_case_and_email(engine: AsyncEngine, wanted: str) -> None:
    await write_transition(engine, transition_since(complaint_of("C-9", "PNX-2031", **MARY), 0))
    [complaint] = await find_complaints(engine, wanted, 10)
    assert (complaint.name, complaint.case, complaint.capacity) == (MARY["name"], "PNX-2031", "customer")


@pytest.mark.parametrize(
    "wanted", ["zoe smith", "%", "_", "C-99", "\\", "zo", "rien", "zoe.obrien@example.organic", "zoe %", " "]
)
async def test_what_begins_no_word_of_a_term_is_not_found(engine: AsyncEngine, wanted: str) -> None:
    await write_transition(engine, transition_since(complaint_of("C-9", **MARY), 0))
    assert await found(engine, wanted) == []


async def test_the_exact_reference_comes_first_and_closed_complaints_last(engine: AsyncEngine) -> None:
    closed = list(withdrawn())[-1]
    for complaint in (closed, opened("C-11"), opened("C-12")):
        await write_transition(engine, transition_since(complaint, 0))
    reference = closed.state.reference
    assert (await found(engine, closed.state.form.complainant.name))[-1] == reference
    assert (await found(engine, reference))[0] == reference
    assert len(await found(engine, "c-1", limit=2)) == 2


@pytest.mark.parametrize("wanted", ["oneill", "SIOBHAN zoe", "Ó'Néill, Siobhán", "محمد"])
async def test_a_complaint_is_found_by_the_person_represented(engine: AsyncEngine, wanted: str) -> None:
    person = "Siobhán O\u2019Neill (محمد)"
    who = MARY | {"capacity": "representative", "represents": person, "authority": "a letter"}
    await write_transition(engine, transition_since(complaint_of("C-9", **who), 0))
    [complaint] = await find_complaints(engine, wanted, 10)
    assert (complaint.reference, complaint.represents) == ("C-9", person)


async def test_a_complaint_is_found_by_its_new_email_and_no_longer_by_the_old(engine: AsyncEngine) -> None:
    complaint = complaint_of("C-9", **MARY)
    await write_transition(engine, transition_since(complaint, 0))
    now = complaint.state.events[-1].at
    complaint.apply(ChangeContact(id="1", by="intake", email="zoe.new@example.org"), now, DIRECTORY_RESULT)
    await write_transition(engine, transition_since(complaint, 0))
    assert await found(engine, "zoe.new@example.org") == ["C-9"]
    assert await found(engine, MARY["email"]) == []


async def test_an_erased_complaint_is_not_found(engine: AsyncEngine) -> None:
    complaint = complaint_of("C-9", "PNX-2031", **MARY)
    await write_transition(engine, transition_since(complaint, 0))
    await create_tombstone(engine, "C-9", at(1, 3), "lead.manager", "She asked us to.")
    await erase(engine, "C-9", at(1, 3))
    await write_transition(engine, transition_since(complaint, 0))
    for wanted in ("zoe", "C-9", "pnx"):
        assert await found(engine, wanted) == []


async def test_a_word_of_two_letters_is_found_as_a_whole(engine: AsyncEngine) -> None:
    who = MARY | {"name": "Bo Ng", "email": "b.o-n@ng.example"}
    await write_transition(engine, transition_since(complaint_of("C-9", **who), 0))
    for wanted in ("bo", "ng bo", "NG", "b"):
        assert await found(engine, wanted) == ["C-9"]
    assert await found(engine, "n") == ["C-9"]
    assert await found(engine, "g") == []


async def test_a_complaint_stays_found_after_the_key_of_searches_was_rotated(engine: AsyncEngine) -> None:
    await write_transition(engine, transition_since(complaint_of("C-9", **MARY), 0))
    keys = keys_of(engine)
    await keys.bind(new_key(), SEARCH)
    await write_transition(engine, transition_since(complaint_of("C-8", **MARY), 0))
    assert await found(engine, "zoe") == ["C-8", "C-9"]


async def test_a_search_can_use_the_index_of_tokens(engine: AsyncEngine) -> None:
    async with engine.begin() as connection:
        await connection.execute(text("SET LOCAL enable_seqscan = off"))
        plan = await connection.scalars(text("EXPLAIN SELECT reference FROM search_terms WHERE tokens @> '{1,2}'"))
        assert "ix_search_terms_tokens" in " ".join(plan)


@given(st.text())
def test_normalising_twice_changes_nothing(wanted: str) -> None:
    assert normalise(normalise(wanted)) == normalise(wanted)
