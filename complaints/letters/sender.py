"""Who writes: the organisation, as it stands in its letters."""

from typing import Annotated

from pydantic import Field

from complaints.procedure.field_types import Given, Line


class Sender(Given):
    """What a letter says of the organisation that sends it."""

    name: Line
    """`Financial Ombudsman Service`."""
    address: Annotated[tuple[Line, ...], Field(min_length=1, max_length=8)]
    """Where replies by post go, line by line."""
    email: Line
    """Where replies by email go."""
    phone: Line | None = None
