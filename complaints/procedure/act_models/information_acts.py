"""Acts that add what came later, and change how to reach the complainant (R9)."""

from typing import Self

from pydantic import model_validator

from complaints.procedure.act_models.act_types import Act
from complaints.procedure.enums import Channel
from complaints.procedure.field_types import LongText
from complaints.procedure.form import Address, Communication, Concern, EmailAddress, Needs
from complaints.procedure.permissions import Permission


class AddInformation(Act):
    name = "add_information"
    description = "Add what came later: a concern, a communication, how to put things right, or a note."
    requires = Permission.ANYBODY
    usual_field = "note"

    concern: Concern | None = None
    communication: Communication | None = None
    put_right: LongText | None = None
    note: LongText | None = None
    """For staff; it is kept with the complaint's free text."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if not (self.concern or self.communication or self.put_right or self.note):
            raise ValueError("give at least one of concern, communication, put_right and note")
        return self


class ChangeContact(Act):
    name = "change_contact"
    description = "Change how to reach the complainant, or what they need."
    requires = Permission.ANYBODY
    usual_field = "address"

    email: EmailAddress | None = None
    address: Address | None = None
    prefers: Channel | None = None
    needs: Needs | None = None
    """All that they need from now on."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        if self.needs is None and not (self.email or self.address or self.prefers):
            raise ValueError("give at least one of email, address, prefers and needs")
        return self
