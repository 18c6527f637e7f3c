"""An email as MIME; equal fields give equal bytes, and the key alone gives the Message-ID."""

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
"""For receivers to sort and search by. RFC 6648 advises against the prefix `X-`."""

_NOT_IN_AN_ATOM = re.compile(r"[^A-Za-z0-9_.-]|^\.|\.$|(?<=\.)\.")


class Email(InputModel):
    """One message to one or several recipients."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=120)]
    """The same for every attempt to send this message, and unique to it: `C-1003.7.complainant`."""
    to: Annotated[tuple[Mailbox, ...], Field(min_length=1)]
    sender: Mailbox
    subject: Annotated[FlatLine, StringConstraints(min_length=1, max_length=200)]
    text: str
    html: str
    sent_at: Instant
    """The Date header: the instant of this attempt. A repeat has its own Date, and the same Message-ID."""
    reference: Reference | None = None
    """The complaint's; None if it is about several, or none."""

    @property
    def message_id(self) -> str:
        """Derive the id from the key; two keys never give the same id."""
        escaped = _NOT_IN_AN_ATOM.sub(lambda match: "".join(f"={byte:02X}" for byte in match[0].encode()), self.key)
        return f"<{escaped}@{self.sender.domain}>"

    @property
    def needs_utf8(self) -> bool:
        """Whether an address exceeds ASCII, which needs SMTPUTF8."""
        return not all(mailbox.address.isascii() for mailbox in (*self.to, self.sender))

    def __bytes__(self) -> bytes:
        message = EmailMessage(policy=SMTPUTF8 if self.needs_utf8 else SMTP)
        message["From"] = _header_address(self.sender)
        message["To"] = [_header_address(mailbox) for mailbox in self.to]
        message["Subject"] = self.subject
        message["Date"] = format_datetime(self.sent_at)
        message["Message-ID"] = self.message_id
        if self.reference:
            message[REFERENCE_HEADER] = self.reference
        # Absence notes and other robots then do not answer it (RFC 3834).
        message["Auto-Submitted"] = "auto-generated"
        message.set_content(self.text, cte="quoted-printable")
        message.add_alternative(self.html, subtype="html", cte="quoted-printable")
        # Quoted-printable text never holds `=_`, so no part can hold the boundary (RFC 2045, 6.7).
        message.set_boundary(f"=_{hashlib.sha256(self.message_id.encode()).hexdigest()[:32]}")
        return message.as_bytes()


def _header_address(mailbox: Mailbox) -> Address:
    local, _, domain = mailbox.address.rpartition("@")
    return Address(display_name=mailbox.name, username=local, domain=domain)
