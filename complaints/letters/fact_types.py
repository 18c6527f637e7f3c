"""Types that the facts of letters share."""

from datetime import date
from typing import Annotated, ClassVar, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from complaints.procedure.enums import Channel, RemedyKind
from complaints.procedure.field_types import HIDE_INPUT

FreeText = Annotated[str, Field(min_length=1)]
"""Text that somebody wrote. It cannot be empty, so no letter quotes text that has been erased."""


class FactModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", **HIDE_INPUT)


class Facts(FactModel):
    """Facts of every letter."""

    by_tier: ClassVar[bool] = False
    """Whether the tier writes the letter, under its own letterhead if it has one (R11)."""

    reference: str
    """The complaint's."""
    case_reference: str | None
    """None where complaints are not about a case."""
    name: str
    """The complainant's."""
    represents: str | None
    """The person or business that the complainant represents (R9); None: they complain for themselves."""
    address: tuple[str, ...]
    """Line by line; empty if none was given."""
    channel: Channel
    """How this letter travels."""
    sent_on: date
    """The day of sending, which is the letter's date."""
    happened_on: date
    """The day of the event that the letter is about."""
    merits: str
    """A sentence of the policy's: where the outcome of a case is looked at instead."""
    decision_process: str | None
    """The address at which the decision process is described."""
    large_print: bool
    """Whether the letter is laid out in large print, because the complainant needs it (R9)."""
    dealt_with_by: str | None
    """The holder's name; None: not known, or not to be named."""
    terms_of_reference: str | None
    """The address of the reviewing tier's terms of reference."""


class Step(FactModel):
    """A tier, or the case handler's step."""

    title: str
    """`Customer Complaints team`, as a letter is signed."""
    name: str
    """`our Customer Complaints team`, within a sentence."""


class RemedyFacts(FactModel):
    """A remedy, or a recommended one."""

    kind: RemedyKind
    pence: int | None = None
    """Of compensation."""
    what: FreeText | None = None
    """Of an action."""
    by: date | None = None
    """The day by which it is carried out; None: not yet known, done already, or an apology in the letter itself."""
    done_on: date | None = None
    """When it was carried out, before this letter."""

    @model_validator(mode="after")
    def _check_completeness(self) -> Self:
        if (self.kind is RemedyKind.COMPENSATION and self.pence is None) or (
            self.kind is RemedyKind.ACTION and self.what is None
        ):
            raise ValueError("a field is missing; give compensation an amount, and an action a description")
        return self


class GoingOn(FactModel):
    """How to take the complaint further, and until when (R7, R8)."""

    to: Step
    by: date
    """The last day, counted from the day on which this letter counts as received."""
    case_open: bool
    """If so, the complainant may also go on at any time while it is open."""
    after_closing: str | None
    """How long after the case has closed a review may be asked for: `one month`; None: not a review."""
