"""Summarise a letter or an alert for Temporal's page: by codes, ids and dates only."""

from complaints.messages.key import COMPLAINANT, WEBHOOK, MessageKey
from complaints.procedure.enums import EventKind, humanize_code

_KINDS = {str(EventKind.ALERTED): "Alert", str(EventKind.REMINDED): "Reminder", str(EventKind.CHASED): "Chaser"}


def summarise_message(key: MessageKey, *, channel: str, kind: str, occasion: str | None, what: str) -> str:
    """Return such as `Reply, by email, to the complainant of C-1003`.

    `kind`, `occasion` and `what` are those of the event that owes the message.
    """
    if key.to == COMPLAINANT:
        letter = humanize_code(occasion or kind).capitalize()
        return f"{letter}, by {channel}, to the complainant of {key.reference}"
    return f"{_KINDS[kind]} to {_recipient(key.to)} about {key.reference}: {what}"


def summarise_repeat(key: MessageKey, channel: str) -> str:
    """Return `Letter 7 again, by post, to the complainant of C-1003`."""
    return f"Letter {key.sequence} again, by {channel}, to the complainant of {key.reference}"


def _recipient(to: str) -> str:
    if to == WEBHOOK:
        return "the webhook"
    kind, _, name = to.partition(":")
    return {"lead": f"the lead ({humanize_code(name)})", "role": f"everybody ({humanize_code(name)})"}.get(kind, name)
