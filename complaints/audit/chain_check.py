"""Check the chain of a complaint's events, and name the first event that breaks it."""

from collections.abc import Sequence

from complaints.audit.finding import Finding
from complaints.procedure.chain import digest_words, first_link
from complaints.procedure.state import Event


def check_chain(reference: str, events: Sequence[Event], *, last: int, words_salt: str | None) -> Finding | None:
    """Return the first event that is not as it was recorded; None: all are.

    A gap in the numbers alone is none: a burst that was recorded in part leaves one, and the chain goes on over it.
    `events`: in order, with their free text. `last`: the number of the complaint's last event.
    `words_salt` None: the words were erased, so only their digests are checked.
    """
    links = [first_link(reference), *(event.link for event in events)]
    for index, event in enumerate(events):
        if event.sequence > last:
            return Finding(reference=reference, sequence=event.sequence, sentence=_added_at_the_end(event, last))
        if event.linked_to(links[index]) != event.link:
            number, sentence = _explain(events, links, index)
            return Finding(reference=reference, sequence=number, sentence=sentence)
        if words_salt is not None and (change := _check_words(event, words_salt)):
            return Finding(reference=reference, sequence=event.sequence, sentence=change)
    recorded = events[-1].sequence if events else 0
    if recorded < last:
        sentence = f"{_taken_out(recorded + 1, last)} from its end"
        return Finding(reference=reference, sequence=recorded + 1, sentence=sentence)
    return None


def describe_event(event: Event) -> str:
    """Name an event for people: `event 5 (reply, 3 March 2027 10:00:00 UTC)`."""
    return f"event {event.sequence} ({event.kind}, {event.at:%-d %B %Y %H:%M:%S} UTC)"


def _explain(events: Sequence[Event], links: Sequence[str], index: int) -> tuple[int, str]:
    """Name the event that breaks the chain at `links[index]`, and say what happened to it."""
    event, previous = events[index], links[index]
    before = events[index - 1] if index else None
    following = events[index + 1] if index + 1 < len(events) else None
    if event.sequence > (expected := before.sequence + 1 if before else 1):
        return expected, f"{_taken_out(expected, event.sequence - 1)} before {describe_event(event)}"
    if other := _swapped_with(events, links, index):
        return event.sequence, f"{describe_event(event)} and {describe_event(other)} were swapped"
    if following and _link_as(following, following.sequence + 1, event.link) == following.link:
        return event.sequence, f"an event was taken out before {describe_event(event)}, and later ones got new numbers"
    if following and _link_as(following, event.sequence, previous) == following.link:
        return event.sequence, f"{describe_event(event)} was added, and later ones got new numbers"
    if before and _link_as(event, before.sequence, links[index - 1]) == event.link:
        return before.sequence, f"{describe_event(before)} was added, and later ones got new numbers"
    became = "changed" if following else "changed or added"
    or_before = f", or {describe_event(before)} was, and its link computed again" if before else ""
    return event.sequence, f"{describe_event(event)} was {became} after it was recorded{or_before}"


def _swapped_with(events: Sequence[Event], links: Sequence[str], index: int) -> Event | None:
    """Return the later event that has exchanged places with this one; None: there is none.

    Their links may have stayed in their places, or gone with the events.
    """
    event = events[index]
    for place, other in enumerate(events[index + 1 :], start=index + 1):
        for first, second in ((event.link, other.link), (other.link, event.link)):
            before_second = first if place == index + 1 else links[place]
            if (
                _link_as(other, event.sequence, links[index]) == first
                and _link_as(event, other.sequence, before_second) == second
            ):
                return other
    return None


def _link_as(event: Event, sequence: int, previous: str) -> str:
    """Return the link that an event would have under another number."""
    return event.model_copy(update={"sequence": sequence}).linked_to(previous)


def _taken_out(first: int, last: int) -> str:
    return f"event {first} was taken out" if first == last else f"events {first} to {last} were taken out"


def _added_at_the_end(event: Event, last: int) -> str:
    return f"{describe_event(event)} was added: the complaint's last event is {last}"


def _check_words(event: Event, salt: str) -> str | None:
    """Say what became of an event's words; None: they are as recorded."""
    if digest_words(salt, event.sequence, event.free_text) == event.words_digest:
        return None
    if event.words_digest is None:
        return f"words were added to {describe_event(event)}, which had none"
    if not any(event.free_text.values()):
        return f"the words of {describe_event(event)} were taken out"
    return f"the words of {describe_event(event)} were changed after they were recorded"
