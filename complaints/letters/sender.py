"""The organisation that sends letters, and the letterheads of tiers that have their own."""

from typing import Annotated, Self

from pydantic import Field

from complaints.procedure.field_types import InputModel, ShortText
from complaints.procedure.form import EmailAddress
from complaints.procedure.policy import TierId

AddressLines = Annotated[tuple[ShortText, ...], Field(min_length=1, max_length=8)]


class Letterhead(InputModel):
    """A tier's own letterhead (R11). The organisation's fields replace absent ones."""

    name: ShortText | None = None
    address: AddressLines | None = None
    email: EmailAddress | None = None
    phone: ShortText | None = None
    signatory: ShortText | None = None
    """Who signs the tier's letters: `Jane Doe`."""


class Sender(InputModel):
    """The organisation's name and addresses, as its letters show them."""

    name: ShortText
    """`Financial Ombudsman Service`."""
    address: AddressLines
    """For replies by post, line by line."""
    email: ShortText
    """For replies by email."""
    phone: ShortText | None = None
    signatory: ShortText | None = None
    tiers: dict[TierId, Letterhead] = Field(default_factory=dict)

    def for_tier(self, tier_id: str | None) -> Self:
        """Return the sender of a letter that a tier writes; None: the organisation writes it."""
        own = self.tiers[tier_id].model_dump(exclude_none=True) if tier_id in self.tiers else {}
        return self.model_copy(update=own | {"tiers": {}})
