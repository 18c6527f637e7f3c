"""Who a message is to or from, in a form which mail takes; what could reach into another header is not let in."""

import re
import unicodedata
from typing import Annotated, Self

import idna
from pydantic import AfterValidator, BeforeValidator, ValidationError

from complaints.channels.errors import ChannelRefusedError
from complaints.procedure.field_types import InputModel

LONGEST_ADDRESS, LONGEST_LOCAL_PART = 254, 64
"""Octets (RFC 5321)."""

_LOCAL_PART = re.compile(r'[^\s@<>()\[\]\\,;:".]+(\.[^\s@<>()\[\]\\,;:".]+)*')
_PARTS_LINES = frozenset({"Cc", "Zl", "Zp"})


def flat(text: object) -> object:
    """On one line, and without the start of an encoded word: Python's own writer of headers would decode that, and
    write the line breaks that it may hold."""
    if not isinstance(text, str):
        return text
    one_line = "".join(" " if unicodedata.category(character) in _PARTS_LINES else character for character in text)
    return " ".join(one_line.replace("=?", "= ?").split())


def _address(given: str) -> str:
    """With its domain as DNS knows it, so that only the part before the @ may need more than ASCII."""
    local, at, domain = given.rpartition("@")
    try:
        known_as = idna.encode(domain, uts46=True).decode().lower()
    except UnicodeError:
        known_as = ""
    address = f"{local}@{known_as}"
    if (
        not (at and known_as and _LOCAL_PART.fullmatch(local) and local.isprintable())
        or known_as.endswith(".")
        or len(local.encode()) > LONGEST_LOCAL_PART
        or len(address.encode()) > LONGEST_ADDRESS
    ):
        raise ValueError("give an address that mail can be sent to, such as ada@example.org")
    return address


FlatLine = Annotated[str, BeforeValidator(flat)]
MailAddress = Annotated[str, AfterValidator(_address)]


class Mailbox(InputModel):
    """Somebody's name, which may be empty, and address."""

    name: FlatLine = ""
    address: MailAddress

    @classmethod
    def of(cls, name: str, address: str) -> Self:
        """Raises ChannelRefusedError: mail cannot be sent to such an address."""
        try:
            return cls(name=name, address=address)
        except ValidationError:
            raise ChannelRefusedError("the address given is none that mail can be sent to") from None

    @classmethod
    def read(cls, written: str) -> Self:
        """From `Complaints <complaints@example.org>`, or the address alone. Raises ValidationError."""
        name, bracket, rest = written.strip().rpartition("<")
        address = rest.removesuffix(">") if bracket else rest
        return cls(name=name.strip().strip('"'), address=address)

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]
