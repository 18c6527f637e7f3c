"""Mail addresses and names that are safe in headers."""

import unicodedata
from typing import Annotated, Self

from pydantic import AfterValidator, BeforeValidator, ValidationError

from complaints.channels.errors import ChannelRefusedError
from complaints.procedure.field_types import InputModel, ascii_domain_address

_LINE_BREAKING = frozenset({"Cc", "Zl", "Zp"})


def flatten(text: object) -> object:
    """Put a text on one line, and break up encoded words.

    Python decodes an encoded word in a header, and writes the line breaks that it holds.
    """
    if not isinstance(text, str):
        return text
    one_line = "".join(" " if unicodedata.category(character) in _LINE_BREAKING else character for character in text)
    return " ".join(one_line.replace("=?", "= ?").split())


def _address(text: str) -> str:
    """Validate an address. Its domain becomes ASCII, as in DNS; its local part may exceed that."""
    address = ascii_domain_address(text)
    if address is None:
        raise ValueError("give an address that mail can be sent to, such as ada@example.org")
    return address


FlatLine = Annotated[str, BeforeValidator(flatten)]
MailAddress = Annotated[str, AfterValidator(_address)]


class Mailbox(InputModel):
    """A name, which may be empty, and an address."""

    name: FlatLine = ""
    address: MailAddress

    @classmethod
    def of(cls, name: str, address: str) -> Self:
        """Make a mailbox. Raises ChannelRefusedError for an address that mail cannot be sent to."""
        try:
            return cls(name=name, address=address)
        except ValidationError:
            raise ChannelRefusedError("mail cannot be sent to this address; correct it") from None

    @classmethod
    def read(cls, text: str) -> Self:
        """Parse `Complaints <complaints@example.org>`, or an address alone. Raises ValidationError."""
        name, bracket, rest = text.strip().rpartition("<")
        address = rest.removesuffix(">") if bracket else rest
        return cls(name=name.strip().strip('"'), address=address)

    @property
    def domain(self) -> str:
        return self.address.rpartition("@")[2]
