"""The organisation that sends letters."""

from typing import Annotated

from pydantic import Field

from complaints.procedure.field_types import InputModel, ShortText


class Sender(InputModel):
    """The organisation's name and addresses, as its letters show them."""

    name: ShortText
    """`Financial Ombudsman Service`."""
    address: Annotated[tuple[ShortText, ...], Field(min_length=1, max_length=8)]
    """For replies by post, line by line."""
    email: ShortText
    """For replies by email."""
    phone: ShortText | None = None
