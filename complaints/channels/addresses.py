"""Mail addresses and names that are safe in headers."""

import unicodedata
from typing import Annotated, Self

from pydantic import BeforeValidator, ValidationError

from complaints.channels.errors import ChannelRefusedError
from complaints.procedure.field_types import InputModel, MailAddress

_LINE_BREAKING = frozenset({"Cc", "Zl", "Zp"})


def flatten(text: object) -> object:
    """Put a text on one line, and break up encoded words.

    Python decodes an encoded word in a header, and writes the line breaks that it holds.
    """
    if not isinstance(text, str):
        return text
    one_line = "".join(" " if unicodedata.category(character) in _LINE_BREAKING else character for character in text)
    return " ".join(one_line.replace("=?", "= ?").split())


FlatLine = Annotated[str, BeforeValidator(flatten)]


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
