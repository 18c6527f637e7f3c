"""The hash chain of a complaint's events."""

import json
from datetime import timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from pydantic_core import from_json

from complaints.procedure.acts import Reply, Withdraw
from complaints.procedure.chain import canonical_json, digest_words, first_link
from complaints.procedure.state import ComplaintState, Event
from complaints.records.database import serialise_json
from tests.fixtures.random_complaints import RandomComplaint, play, random_complaints
from tests.fixtures.staff import DIRECTORY_RESULT
from tests.procedure.builders import opened

KEYS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
"""Keys are the product's own."""
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63) | st.text(),
    lambda children: st.lists(children, max_size=3) | st.dictionaries(KEYS, children, max_size=3),
    max_leaves=10,
)


def as_stored(value: Any) -> Any:
    """Return a value as PostgreSQL gives it back, but for the order of keys."""
    return from_json(serialise_json(value))


def reordered(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: reordered(value[key]) for key in reversed(value)}
    return [reordered(each) for each in value] if isinstance(value, list) else value


def assert_linked(state: ComplaintState) -> None:
    link = first_link(state.reference)
    for event in state.events:
        assert event.link == event.linked_to(link), event
        link = event.link


@given(VALUES)
def test_equal_values_have_one_canonical_text_however_they_are_stored(value: Any) -> None:
    text = canonical_json(value)
    assert text == canonical_json(reordered(value)) == canonical_json(as_stored(value))
    assert json.loads(text) == as_stored(value)
    assert text.isascii()


@given(VALUES, VALUES)
def test_different_values_have_different_canonical_texts(one: Any, other: Any) -> None:
    assert (json.dumps(as_stored(one), sort_keys=True) == json.dumps(as_stored(other), sort_keys=True)) == (
        canonical_json(one) == canonical_json(other)
    )


def test_the_links_are_those_that_another_program_computes() -> None:
    """The digests are `printf %s TEXT | sha256sum`."""
    assert first_link("C-1") == "d773601691e924e4bc65e46adb2619803620ee828c3c9a033725a6cac505b2d1"
    assert (
        digest_words("salt", 2, {"reason": "Zoë said: no."})
        == "248081e7a9f17d5ef37f1b92936d7e53c357bac04d0182e9871ccb8faaf219f6"
    )
    event = Event(
        sequence=2,
        at=opened().now,
        kind="reassign",
        by="lena",
        what="Manager: reassigned",
        detail={"to": "mark", "again": [{"letter": 3}]},
        words_digest="ab",
    )
    assert event.linked_to("00") == "1abe1902dbb05b16326d76c90fd59c229f800fa62afaad9a79e1f1e8ef3db40b"


@given(random_complaints())
def test_every_event_of_a_random_complaint_is_linked_to_the_one_before(random_complaint: RandomComplaint) -> None:
    complaint = None
    for complaint, act, now in play(random_complaint):
        complaint.apply(act, now, DIRECTORY_RESULT)
    assert complaint
    assert_linked(complaint.state)
    assert_linked(ComplaintState.model_validate_json(complaint.state.model_dump_json()))
    for event in complaint.state.events:
        assert event.words_digest == digest_words("", event.sequence, event.free_text)
        stored = event.model_copy(update={"detail": as_stored(event.detail)})
        assert stored.linked_to("00") == event.linked_to("00")


def test_an_act_keyed_for_a_colleague_is_linked_as_it_is_recorded() -> None:
    story = opened()
    story.does(Withdraw, on_behalf_of="lena")
    assert "for lena" in story.events("withdraw")[0].what
    assert_linked(story.state)


def test_the_same_words_have_another_digest_in_another_event_and_under_another_salt() -> None:
    words = {"reason": "On leave."}
    assert len({digest_words("a", 1, words), digest_words("a", 2, words), digest_words("b", 1, words)}) == 3


def test_a_complaint_goes_on_from_the_link_that_the_record_has() -> None:
    story = opened()
    known = story.state.sequence
    story.at("2026-03-03 10:00").does(Reply)
    story.state.adopt_link(known, "ab")
    assert story.state.events[known].link == story.state.events[known].linked_to("ab")
    assert story.state.events[-1].link == story.state.events[-1].linked_to(story.state.events[-2].link)


def test_a_chain_holds_when_the_words_are_discarded() -> None:
    story = opened()
    story.does(Reply)
    story.complaint.discard_recorded(story.state.sequence)
    assert not any(event.free_text for event in story.state.events)
    assert_linked(story.state)


def test_an_instant_is_linked_alike_in_every_zone() -> None:
    event = opened().state.events[0]
    elsewhere = event.model_copy(update={"at": event.at.astimezone(tz=None)})
    assert elsewhere.linked_to("00") == event.linked_to("00")
    later = event.model_copy(update={"at": event.at + timedelta(microseconds=1)})
    assert later.linked_to("00") != event.linked_to("00")
