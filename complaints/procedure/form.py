"""The complaint form (R9): complainant, case, concerns, and how to put things right."""

from typing import Annotated, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from complaints.procedure.enums import Aspect, Capacity, Channel, Need
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


MAX_CONCERNS, MAX_COMMUNICATIONS = 50, 200


class Needs(InputModel):
    """What the complainant needs so that they can read our letters and speak to us."""

    large_print: YesNo = False
    """They need letters in large print."""
    language: ShortText | None = None
    """Another language than English, such as Polish or British Sign Language. Our letters are in English."""
    telephone: YesNo = False
    """They need to be rung up."""
    other: ShortText | None = None
    """Anything else, such as a sign language interpreter."""

    @property
    def kinds(self) -> tuple[Need, ...]:
        """Return what they need, without their own words."""
        return tuple(need for need in Need if getattr(self, need))

    def __str__(self) -> str:
        """Name them for staff: `large print, Polish, the telephone`; empty where there are none."""
        words = {Need.LANGUAGE: self.language, Need.OTHER: self.other}
        return ", ".join(words.get(need) or need.label for need in self.kinds)


class Complainant(InputModel):
    """The person or business that complains, in which capacity, and how to reach them."""

    name: ShortText
    capacity: Capacity
    represents: ShortText | None = None
    """Of a representative: the person or business that they represent."""
    authority: ShortText | None = None
    """On what authority they represent them, such as a letter of authority."""
    email: EmailAddress | None = None
    address: Address | None = None
    prefers: Channel
    needs: Needs = Needs()

    @model_validator(mode="after")
    def _represents_somebody(self) -> Self:
        for field in ("represents", "authority"):
            if getattr(self, field) and self.capacity is not Capacity.REPRESENTATIVE:
                raise ValueError(f"{field}: only a representative has it; leave it out, or give the capacity")
        if self.authority and not self.represents:
            raise ValueError("represents: is needed where the authority is given")
        return self

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
    concerns: Annotated[tuple[Concern, ...], Field(min_length=1, max_length=MAX_CONCERNS)]
    communication: Annotated[tuple[Communication, ...], Field(max_length=MAX_COMMUNICATIONS)] = ()
    put_right: LongText | None = None
    told_case_handler_on: Day | None = None
    """The day on which the case handler first heard of the concern; None: not yet (R10)."""
