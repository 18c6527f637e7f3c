"""A difference between the record and what was once recorded."""

from pydantic import BaseModel


class Finding(BaseModel):
    """The first thing of a complaint, or of the signed roots, that is not as it was recorded."""

    reference: str | None
    """None: it is about a signed root."""
    sequence: int | None = None
    """The event; None: it is about all of the complaint, or about a root."""
    sentence: str
