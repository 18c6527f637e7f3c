"""The mail that the local stack's server took, as its files say."""

from datetime import datetime
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from pydantic import BaseModel

from complaints.channels.email_message import REFERENCE_HEADER


class KeptMail(BaseModel):
    """One message, as a reader would see it."""

    number: int
    """In the order in which they came."""
    at: datetime | None
    """Its Date."""
    sender: str
    to: str
    subject: str
    reference: str | None
    """The complaint's."""
    message_id: str
    text: str


def kept_in(folder: Path) -> list[KeptMail]:
    """In the order in which they came."""
    return [_read(file) for file in sorted(folder.glob("*.eml"))]


def forget_mail(folder: Path, reference: str) -> None:
    """Delete what is about that complaint; again, to no further effect."""
    for file in folder.glob("*.eml"):
        if _read(file).reference == reference:
            file.unlink(missing_ok=True)


def _read(file: Path) -> KeptMail:
    message = message_from_bytes(file.read_bytes(), policy=policy.default)
    body = message.get_body(("plain",))
    return KeptMail(
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
    """Empty if there is none. One in UTF-8 is read as bytes by Python."""
    return str(message[name] or "").encode(errors="surrogateescape").decode(errors="replace").strip()
