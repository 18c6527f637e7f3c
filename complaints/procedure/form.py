"""The complaint form (R9): complainant, case, concerns, and how to put things right."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from complaints.procedure.enums import Aspect, Capacity, Channel
from complaints.procedure.field_types import (
    Day,
    InputModel,
    Instant,
    LongText,
    Reference,
    ShortText,
    StaffId,
    YesNo,
    ascii_domain_address,
    check_text,
)

MAX_MAIL_CHARACTERS = 254


def _check_mail_address(text: str) -> str:
    address = ascii_domain_address(text)
    if address is None or "." not in address.rpartition("@")[2] or len(text) > MAX_MAIL_CHARACTERS:
        raise ValueError("give an address such as ada@example.org")
    return text


EmailAddress = Annotated[str, AfterValidator(_check_mail_address)]
"""An address that mail can be sent to."""
Address = Annotated[
    str, StringConstraints(strip_whitespace=True, min_length=1, max_length=1_000), AfterValidator(check_text)
]


class Complainant(InputModel):
    """The person or business that complains, in which capacity, and how to reach them."""

    name: ShortText
    capacity: Capacity
    email: EmailAddress | None = None
    address: Address | None = None
    prefers: Channel

    @model_validator(mode="after")
    def _reachable(self) -> Self:
        if self.prefers is Channel.EMAIL and not self.email:
            raise ValueError("email: is needed where the complainant prefers email")
        if self.prefers is Channel.POST and not self.address:
            raise ValueError("address: is needed where the complainant prefers post")
        return self


class Case(InputModel):
    """The case whose handling the complaint is about."""

    reference: ShortText
    open: YesNo
    answered_on: Day | None = None
    """The date of the answer to all parties."""
    handler: StaffId | None = None


class Concern(InputModel):
    """One thing that went wrong."""

    aspect: Aspect
    what_happened: LongText


class Communication(InputModel):
    """A letter, call or message that relates to the complaint."""

    on: Day
    channel: ShortText
    summary: LongText


class Form(InputModel):
    """The data that starts a complaint."""

    reference: Reference
    received_at: Instant
    complainant: Complainant
    case: Case
    concerns: Annotated[tuple[Concern, ...], Field(min_length=1, max_length=50)]
    communication: Annotated[tuple[Communication, ...], Field(max_length=200)] = ()
    put_right: LongText | None = None
    told_case_handler_on: Day | None = None
    """The day on which the case handler first heard of the concern; None: not yet (R10)."""
