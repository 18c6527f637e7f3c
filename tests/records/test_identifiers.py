"""A text that is to be published names nobody who has complained."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.acts import Escalate, Reply
from complaints.procedure.views.views import transition_since
from complaints.records.erasure import anonymise
from complaints.records.identifiers import find_names
from complaints.records.transitions import write_transition
from tests.procedure.builders import FOS, at, opened

REVIEWER = FOS.tiers[-1].id


@pytest.fixture
async def record(engine: AsyncEngine) -> AsyncEngine:
    """Record three complaints: the Assessor has that of Zoë, and that of Bram is a finding."""
    for reference, name in (("C-1", "Ada Okonkwo"), ("C-2", "Zoë Quince-May"), ("C-3", "Bram Long")):
        who = {"name": name, "email": f"{reference}@example.org", "address": f"{reference[-1]}7 Orchard Row\nLeeds"}
        if reference == "C-2":
            who |= {"capacity": "representative", "represents": "Tom Penhaligon"}
        story = opened(reference=reference, complainant=who, case={"reference": f"K-{reference}"})
        if reference == "C-2":
            for kind in (Reply, Escalate, Reply, Escalate):
                story.does(kind)
        await write_transition(engine, transition_since(story.complaint, 0))
    return engine


async def names_in(record: AsyncEngine, text: str) -> list[str]:
    return [found.name.lower() for found in await find_names(record, FOS.id, REVIEWER, ["C-3"], {"foreword": text})]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("I heard Ada  OKONKWO'S story.", "ada okonkwo"),
        ("I heard Mrs Okonkwo.", "okonkwo"),
        ("See Okonkwo, Ada, in the file.", "ada okonkwo"),
        ("Write to c-1@example.org.", "c-1@example.org"),
        ("The complaint C-1 took long.", "c-1"),
        ("The case K-C-1 took long.", "k-c-1"),
        ("It was Zoe who said so.", "zoë"),
        ("A letter to QUINCE went astray.", "quince"),
        ("he lives at 37 orchard row", "37 orchard row"),
        ("For Penhaligon it was too late.", "penhaligon"),
        ("for bram it was too late", "bram"),
    ],
)
async def test_a_text_with_an_identifier_is_found_out(record: AsyncEngine, text: str, name: str) -> None:
    assert name in await names_in(record, text)


@pytest.mark.parametrize(
    "text",
    ["", "In May the service was quick.", "He may ask; I gave 17 opinions in Hull.", "Okonkwoville is a town.", "Ada"],
)
async def test_an_ordinary_text_names_nobody(record: AsyncEngine, text: str) -> None:
    assert await names_in(record, text) == []


async def test_of_an_anonymised_complaint_nothing_is_known(record: AsyncEngine) -> None:
    await anonymise(record, ["C-1", "C-2", "C-3"], at("2033-01-01 10:00"), None, "policy")
    assert await names_in(record, "Ada Okonkwo, Zoë Quince-May and Bram are anonymised.") == []
