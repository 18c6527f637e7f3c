"""The check of one complaint's chain names the first event that is not as it was recorded."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from complaints.audit.chain_check import check_chain
from complaints.procedure.complaint import Complaint
from complaints.procedure.state import Event
from tests.records.sample_complaints import long_story

SALT = "a salt of the opener"
Change = Callable[[list[Event]], list[Event]]


def recorded(complaint: Complaint) -> list[Event]:
    return [event.model_copy(deep=True) for event in complaint.state.events]


def story() -> list[Event]:
    *_, complaint = long_story()
    return recorded(complaint)


EVENTS = story()
REPLY = next(event.sequence for event in EVENTS if event.kind == "reply")


def check(events: list[Event], last: int = len(EVENTS), words_salt: str | None = "") -> str | None:
    finding = check_chain("H-1", events, last=last, words_salt=words_salt)
    return finding.sentence if finding else None


def changed(number: int, **fields: Any) -> Change:
    return lambda events: [event.model_copy(update=fields) if event.sequence == number else event for event in events]


def without(number: int) -> Change:
    return lambda events: [event for event in events if event.sequence != number]


def renumbered(events: list[Event]) -> list[Event]:
    return [event.model_copy(update={"sequence": number}) for number, event in enumerate(events, start=1)]


def relinked(events: list[Event], upto: int) -> list[Event]:
    """Compute links again, as somebody can who knows how."""
    *_, complaint = long_story()
    complaint.state.events = [event.model_copy() for event in events if event.sequence <= upto]
    complaint.state.relink(0)
    return complaint.state.events + [event for event in events if event.sequence > upto]


def swapped(one: int, other: int, *, with_links: bool) -> Change:
    def swap(events: list[Event]) -> list[Event]:
        kept = {"sequence"} if with_links else {"sequence", "link"}
        first, second = events[one - 1], events[other - 1]
        exchanged = {
            one: second.model_copy(update={name: getattr(first, name) for name in kept}),
            other: first.model_copy(update={name: getattr(second, name) for name in kept}),
        }
        return [exchanged.get(event.sequence, event) for event in events]

    return swap


def test_a_chain_as_it_was_recorded_is_clean() -> None:
    assert check(EVENTS) is None


def test_a_chain_whose_words_were_erased_is_clean() -> None:
    erased = [event.model_copy(update={"free_text": dict.fromkeys(event.free_text, "")}) for event in EVENTS]
    assert check(erased, words_salt=None) is None


@pytest.mark.parametrize(
    "fields",
    [
        {"at": EVENTS[REPLY - 1].at - timedelta(days=1)},
        {"by": "carl"},
        {"by": None},
        {"what": "Case team: replied in time"},
        {"detail": EVENTS[REPLY - 1].detail | {"outcome": "upheld"}},
        {"kind": "correct"},
        {"words_digest": "0" * 64},
        {"link": "0" * 64},
    ],
    ids=lambda fields: next(iter(fields)),
)
def test_a_changed_event_is_named(fields: dict[str, Any]) -> None:
    sentence = check(changed(REPLY, **fields)(EVENTS))
    assert sentence
    assert sentence.startswith(f"event {REPLY} (")
    assert "was changed after it was recorded" in sentence


def test_changed_words_are_named() -> None:
    sentence = check(changed(REPLY, free_text={"findings": "It was quick."})(EVENTS))
    assert sentence == f"the words of {name(REPLY)} were changed after they were recorded"


def test_words_taken_out_are_named() -> None:
    sentence = check(changed(REPLY, free_text=dict.fromkeys(EVENTS[REPLY - 1].free_text, ""))(EVENTS))
    assert sentence == f"the words of {name(REPLY)} were taken out"


def test_words_that_were_added_are_named() -> None:
    number = next(event.sequence for event in EVENTS if not event.free_text)
    sentence = check(changed(number, free_text={"reason": "Because."})(EVENTS))
    assert sentence == f"words were added to {name(number)}, which had none"


def test_an_event_that_was_taken_out_is_named() -> None:
    assert check(without(REPLY)(EVENTS)) == f"event {REPLY} was taken out before {name(REPLY + 1)}"


def test_the_first_event_taken_out_is_named() -> None:
    assert check(without(1)(EVENTS)) == f"event 1 was taken out before {name(2)}"


def test_the_last_event_taken_out_is_named() -> None:
    assert check(EVENTS[:-1]) == f"event {len(EVENTS)} was taken out from its end"


def test_all_events_taken_out_are_named() -> None:
    assert check([]) == f"events 1 to {len(EVENTS)} were taken out from its end"


def test_an_event_taken_out_of_numbers_that_were_closed_up_is_named() -> None:
    sentence = check(renumbered(without(REPLY)(EVENTS)), last=len(EVENTS) - 1)
    assert sentence
    assert sentence.startswith(f"an event was taken out before event {REPLY} (")


def test_an_event_added_at_the_end_is_named() -> None:
    added = EVENTS[-1].model_copy(update={"sequence": len(EVENTS) + 1, "kind": "withdraw"})
    for events in ([*EVENTS, added], relinked([*EVENTS, added], upto=added.sequence)):
        sentence = check(events)
        assert sentence
        assert sentence.startswith(f"event {added.sequence} (withdraw, ")
        assert sentence.endswith(f"was added: the complaint's last event is {len(EVENTS)}")


@pytest.mark.parametrize("is_linked", [False, True])
def test_an_event_added_in_the_middle_is_named(*, is_linked: bool) -> None:
    added = EVENTS[REPLY - 1].model_copy(update={"kind": "withdraw", "link": "1" * 64})
    events = renumbered([*EVENTS[: REPLY - 1], added, *EVENTS[REPLY - 1 :]])
    if is_linked:
        events = relinked(events, upto=REPLY)
    sentence = check(events, last=len(events))
    assert sentence
    assert sentence.startswith(f"event {REPLY} (withdraw, ")
    assert "was added" in sentence


@pytest.mark.parametrize("with_links", [False, True])
@pytest.mark.parametrize("other", [REPLY + 1, len(EVENTS)])
def test_two_swapped_events_are_named(*, other: int, with_links: bool) -> None:
    sentence = check(swapped(REPLY, other, with_links=with_links)(EVENTS))
    assert sentence
    assert sentence.startswith(f"event {REPLY} (")
    assert f"and event {other} (" in sentence
    assert sentence.endswith("were swapped")


def test_a_changed_event_with_a_new_link_is_named() -> None:
    events = relinked(changed(REPLY, by="carl")(EVENTS), upto=REPLY)
    sentence = check(events)
    assert sentence
    assert f"or {name(REPLY)} was, and its link computed again" in sentence


def test_another_complaints_chain_is_not_a_complaints_own() -> None:
    finding = check_chain("C-9", EVENTS, last=len(EVENTS), words_salt="")
    assert finding
    assert finding.sequence == 1


def test_events_that_were_never_recorded_leave_no_break() -> None:
    *_, complaint = long_story()
    kept = recorded(complaint)[:-3]
    complaint.state.events = recorded(complaint)[:-3]
    complaint.revive(kept[-1].sequence, complaint.state.opened_at.replace(year=2028))
    events = recorded(complaint)
    assert events[len(kept)].sequence > kept[-1].sequence + 1
    assert check(events, last=events[-1].sequence) is None


def name(number: int) -> str:
    event = EVENTS[number - 1]
    return f"event {number} ({event.kind}, {event.at:%-d %B %Y %H:%M:%S} UTC)"
