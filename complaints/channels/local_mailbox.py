"""Mail that the local stack's mail server has received, in files."""

from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from pydantic import BaseModel

from complaints.channels.email_message import REFERENCE_HEADER


class StoredEmail(BaseModel):
    """One message, decoded."""

    number: int
    """Counted in the order of receipt."""
    at: datetime | None
    """Its Date header."""
    sender: str
    to: str
    subject: str
    reference: str | None
    """The complaint's."""
    message_id: str
    text: str


def read_mailbox(folder: Path) -> list[StoredEmail]:
    """Read all messages, in the order of receipt."""
    return [_read(file) for file in sorted(folder.glob("*.eml"))]


def delete_mail(folder: Path, reference: str) -> None:
    """Delete the messages about a complaint, idempotently."""
    for file in folder.glob("*.eml"):
        if _read(file).reference == reference:
            file.unlink(missing_ok=True)


def _read(file: Path) -> StoredEmail:
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    return StoredEmail(
        number=int(file.stem),
        at=message["Date"].datetime if message["Date"] else None,
        sender=_header(message, "From"),
        to=_header(message, "To"),
        subject=_header(message, "Subject"),
        reference=_header(message, REFERENCE_HEADER) or None,
        message_id=_header(message, "Message-ID"),
        text=str(body.get_content()).replace("\r\n", "\n") if body else "",
    )


def _header(message: EmailMessage, name: str) -> str:
    """Return a header, or an empty text. Python reads one in UTF-8 as bytes, which this decodes."""
    return str(message[name] or "").encode(errors="surrogateescape").decode(errors="replace").strip()
