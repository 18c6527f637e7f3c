"""What a letter or alert is on the wire: the same bytes each time it is sent, so that a repeat can be told."""

import hashlib
import re
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP, SMTPUTF8
from email.utils import format_datetime
from typing import Annotated

from pydantic import Field, StringConstraints

from complaints.channels.addresses import FlatLine, Mailbox
from complaints.procedure.field_types import InputModel, Instant, Reference

REFERENCE_HEADER = "Complaint-Reference"
"""Without `X-`, of which RFC 6648 advises against; receivers sort and search by it."""

_NOT_IN_AN_ATOM = re.compile(r"[^A-Za-z0-9_.-]|^\.|\.$|(?<=\.)\.")


class Email(InputModel):
    """One message to one person, or to several who all are to know."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    """One and the same for all attempts at it, and for nothing else: such as `C-1003.7.letter`."""
    to: Annotated[tuple[Mailbox, ...], Field(min_length=1)]
    sender: Mailbox
    subject: Annotated[FlatLine, StringConstraints(min_length=1, max_length=200)]
    text: str
    html: str
    sent_at: Instant
    """Its Date: the first attempt's, also when it is repeated."""
    reference: Reference | None = None
    """The complaint's; None where it is about several."""

    @property
    def message_id(self) -> str:
        """Made of the key alone; two keys never make the same."""
        escaped = _NOT_IN_AN_ATOM.sub(lambda found: "".join(f"={byte:02X}" for byte in found[0].encode()), self.key)
        return f"<{escaped}@{self.sender.domain}>"

    @property
    def needs_utf8(self) -> bool:
        """Whether an address can only be written in more than ASCII (SMTPUTF8)."""
        return not all(mailbox.address.isascii() for mailbox in (*self.to, self.sender))

    def __bytes__(self) -> bytes:
        message = EmailMessage(policy=SMTPUTF8 if self.needs_utf8 else SMTP)
        message["From"] = _written(self.sender)
        message["To"] = [_written(mailbox) for mailbox in self.to]
        message["Subject"] = self.subject
        message["Date"] = format_datetime(self.sent_at)
        message["Message-ID"] = self.message_id
        if self.reference:
            message[REFERENCE_HEADER] = self.reference
        # So that absence notes and the like do not answer it (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.text, cte="quoted-printable")
        message.add_alternative(self.html, subtype="html", cte="quoted-printable")
        # Quoted-printable never has `=_`, so that no part can hold the boundary (RFC 2045, 6.7).
        message.set_boundary(f"=_{hashlib.sha256(self.message_id.encode()).hexdigest()[:32]}")
        return message.as_bytes()


def _written(mailbox: Mailbox) -> Address:
    local, _, domain = mailbox.address.rpartition("@")
    return Address(display_name=mailbox.name, username=local, domain=domain)
