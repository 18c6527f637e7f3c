"""An email as MIME; equal fields give equal bytes, and the key alone gives the Message-ID."""

import hashlib
import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from functools import partial
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from complaints.channels.addresses import FlatLine, Mailbox
from complaints.channels.mail_headers import address_header, text_header
from complaints.formatting.shorten import shorten
from complaints.procedure.field_types import InputModel, Instant, Reference

REFERENCE_HEADER = "Complaint-Reference"
"""For receivers to sort and search by. RFC 6648 advises against the prefix `X-`."""

MAX_ID, MAX_KEY, MAX_SUBJECT = 200, 250, 200
_NOT_IN_AN_ATOM = re.compile(r"[^A-Za-z0-9_.-]|^\.|\.$|(?<=\.)\.")


class Email(InputModel):
    """One message to one or several recipients."""

    key: Annotated[str, StringConstraints(min_length=1, max_length=MAX_KEY)]
    """The same for every attempt to send this message, and unique to it: `C-1003.7.complainant`."""
    to: Annotated[tuple[Mailbox, ...], Field(min_length=1)]
    sender: Mailbox
    reply_to: Mailbox | None = None
    """None: replies go to the sender."""
    subject: Annotated[FlatLine, Field(min_length=1), AfterValidator(partial(shorten, most=MAX_SUBJECT))]
    """A longer one is shortened."""
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
        if len(escaped) > MAX_ID:
            escaped = hashlib.sha256(self.key.encode()).hexdigest()
        return f"<{escaped}@{self.sender.domain}>"

    @property
    def needs_utf8(self) -> bool:
        """Whether an address exceeds ASCII, which needs SMTPUTF8."""
        return not all(mailbox.address.isascii() for mailbox in self._mailboxes)

    @property
    def _mailboxes(self) -> tuple[Mailbox, ...]:
        return (*self.to, self.sender, *([self.reply_to] if self.reply_to else []))

    def __bytes__(self) -> bytes:
        headers = [
            address_header("From", [_name_and_address(self.sender)]),
            address_header("To", map(_name_and_address, self.to)),
            text_header("Subject", self.subject),
            f"Date: {format_datetime(self.sent_at)}",
            f"Message-ID: {self.message_id}",
        ]
        if self.reply_to:
            headers.append(address_header("Reply-To", [_name_and_address(self.reply_to)]))
        if self.reference:
            headers.append(f"{REFERENCE_HEADER}: {self.reference}")
        # Absence notes and other robots then do not answer it (RFC 3834).
        headers.append("Auto-Submitted: auto-generated")
        message = EmailMessage(policy=SMTP)
        message.set_content(self.text, cte="quoted-printable")
        message.add_alternative(self.html, subtype="html", cte="quoted-printable")
        # Quoted-printable text never holds `=_`, so no part can hold the boundary (RFC 2045, 6.7).
        message.set_boundary(f"=_{hashlib.sha256(self.message_id.encode()).hexdigest()[:32]}")
        return "".join(f"{header}\r\n" for header in headers).encode() + message.as_bytes()


def _name_and_address(mailbox: Mailbox) -> tuple[str, str]:
    return mailbox.name, mailbox.address
