"""Who writes: the organisation, as it stands in its letters."""

from typing import Annotated

from pydantic import Field

from complaints.procedure.field_types import InputModel, ShortText


class Sender(InputModel):
    """What a letter says of the organisation that sends it."""

    name: ShortText
    """`Financial Ombudsman Service`."""
    address: Annotated[tuple[ShortText, ...], Field(min_length=1, max_length=8)]
    """Where replies by post go, line by line."""
    email: ShortText
    """Where replies by email go."""
    phone: ShortText | None = None
