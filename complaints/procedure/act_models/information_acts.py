"""Acts that add what came later, and change how to reach the complainant (R9)."""

from typing import Self

from pydantic import model_validator

from complaints.procedure.act_models.act_types import KeyedAct
from complaints.procedure.enums import Channel
from complaints.procedure.field_types import LongText
from complaints.procedure.form import Address, Communication, Concern, EmailAddress, Needs


class InformationAct(KeyedAct):
    """Base of acts whose fields are all optional; at least one is given."""

    @model_validator(mode="after")
    def _says_something(self) -> Self:
        *others, last = (field for field in type(self).model_fields if field not in KeyedAct.model_fields)
        if all(getattr(self, field) is None for field in (*others, last)):
            raise ValueError(f"give at least one of {', '.join(others)} and {last}")
        return self


class AddInformation(InformationAct):
    name = "add_information"
    description = "Add what came later: a concern, a communication, how to put things right, or a note."
    usual_field = "note"

    concern: Concern | None = None
    communication: Communication | None = None
    put_right: LongText | None = None
    note: LongText | None = None
    """For staff; it is kept with the complaint's free text."""


class ChangeContact(InformationAct):
    name = "change_contact"
    description = "Change how to reach the complainant, or what they need."
    usual_field = "address"

    email: EmailAddress | None = None
    address: Address | None = None
    prefers: Channel | None = None
    needs: Needs | None = None
    """All that they need from now on."""
