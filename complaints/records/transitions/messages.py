"""List the messages that a transition owes, or lets go again."""

from collections.abc import Iterator
from typing import Any

from complaints.messages.key import COMPLAINANT, WEBHOOK, MessageKey
from complaints.messages.summary import summarise_message, summarise_repeat
from complaints.procedure.acts import ChangeContact
from complaints.procedure.enums import Channel, EventKind
from complaints.procedure.state import Event
from complaints.procedure.views.views import Transition
from complaints.records import tables


def list_owed_messages(transition: Transition, *, with_webhook: bool) -> dict[MessageKey, str]:
    """List the messages that a transition owes, each with its summary."""
    return {
        key: summarise_message(
            key, channel=channel, kind=event.kind, occasion=event.detail.get("occasion"), what=event.what
        )
        for key, channel, event in owed_messages(transition, with_webhook=with_webhook)
    }


def owed_messages(transition: Transition, *, with_webhook: bool) -> Iterator[tuple[MessageKey, str, Event]]:
    """Yield each message with its channel and its event."""
    for event in transition.events:
        key = {"reference": transition.reference, "sequence": event.sequence}
        if event.kind == EventKind.LETTER:
            yield MessageKey(**key, to=COMPLAINANT), event.detail["channel"], event
        elif event.kind in tables.ALERTS:
            for recipient in dict.fromkeys(event.detail["to"]):
                yield MessageKey(**key, to=recipient), Channel.EMAIL, event
            if with_webhook:
                yield MessageKey(**key, to=WEBHOOK), WEBHOOK, event


def list_messages_to_repeat(transition: Transition) -> dict[MessageKey, str]:
    """List the held letters that a transition lets go by another address, with summaries."""
    repeated = (
        (MessageKey(reference=transition.reference, sequence=again["letter"], to=COMPLAINANT), again["channel"])
        for event in transition.events
        for again in letters_again(event)
    )
    return {key: summarise_repeat(key, channel) for key, channel in repeated}


def letters_again(event: Event) -> list[dict[str, Any]]:
    """Return the number and the new channel of each letter that may go again."""
    return event.detail["again"] if event.kind == ChangeContact.name else []
