"""Messages to send."""

from datetime import UTC, datetime
from typing import Any

from complaints.channels.addresses import Mailbox
from complaints.channels.email_message import Email

NOW = datetime(2026, 12, 9, 10, 0, tzinfo=UTC)


def email(**changes: Any) -> Email:
    """Return the acknowledgement of C-1003, with changes."""
    fields: dict[str, Any] = {
        "key": "C-1003.7.letter",
        "to": (Mailbox(name="Zoë O'Brien", address="zoe@example.org"),),
        "sender": Mailbox(name="Complaints", address="complaints@example.gov.uk"),
        "subject": "We have received your complaint",
        "text": "Dear Zoë O'Brien,\n\nWe will reply by Wednesday 9 December 2026.\n",
        "html": "<p>Dear Zoë O&#39;Brien,</p>\n<p>We will reply by Wednesday 9 December 2026.</p>\n",
        "sent_at": NOW,
        "reference": "C-1003",
    }
    return Email(**(fields | changes))
