"""Compare a complaint on the record with what its workflow knows."""

from collections.abc import Sequence

from complaints.audit.chain_check import describe_event
from complaints.audit.finding import Finding
from complaints.procedure.state import Event
from complaints.procedure.views.chain_view import ChainView


def check_history(reference: str, events: Sequence[Event], known: ChainView) -> Finding | None:
    """Return the first event that differs from the workflow's; None: there is none.

    `events`: a whole chain of the record. Links count at the last recorded event only: before it, another version of
    the product may have worded an event otherwise, and a replay does not know these words.
    """
    recorded = {event.sequence: event for event in events}
    for each in known.events:
        event = recorded.get(each.sequence)
        if event and (event.kind, event.at, event.by) != (each.kind, each.at, each.by):
            by = f" by {each.by}" if each.by else ""
            sentence = (
                f"{describe_event(event)} was changed, and the chain computed again: in Temporal's history it is "
                f"{each.kind}{by}, {each.at:%-d %B %Y %H:%M:%S} UTC"
            )
            return Finding(reference=reference, sequence=each.sequence, sentence=sentence)
        if event is None and each.sequence <= known.recorded:
            sentence = f"event {each.sequence} ({each.kind}) was taken out: Temporal's history has it"
            return Finding(reference=reference, sequence=each.sequence, sentence=sentence)
        if event and each.sequence == known.recorded and event.link != each.link:
            sentence = (
                f"an event until {describe_event(event)} was changed, and the chain computed again: "
                "Temporal's history has another link"
            )
            return Finding(reference=reference, sequence=each.sequence, sentence=sentence)
    if added := next((event for event in events if event.sequence > known.sequence), None):
        sentence = f"{describe_event(added)} was added: Temporal's history ends with event {known.sequence}"
        return Finding(reference=reference, sequence=added.sequence, sentence=sentence)
    return None
