"""What facts are made of: people's words, the steps of the procedure, remedies, and how to go on."""

from datetime import date
from typing import Annotated, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from complaints.procedure.enums import RemedyKind
from complaints.procedure.field_types import HIDE_INPUT

Words = Annotated[str, Field(min_length=1)]
"""People's words; once they have been erased, no letter can quote them any more."""


class FactModel(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", **HIDE_INPUT)


class Step(FactModel):
    """A tier, or the case handler's step."""

    title: str
    """`Customer Complaints team`, as a letter is signed."""
    name: str
    """`our Customer Complaints team`, within a sentence."""


class RemedyFacts(FactModel):
    """What puts things right, or what is recommended for that."""

    kind: RemedyKind
    pence: int | None = None
    """Of compensation."""
    what: Words | None = None
    """Of an action."""
    by: date | None = None
    """The last day on which it is carried out; None for an apology made in the letter itself, or not yet known."""

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if (self.kind is RemedyKind.COMPENSATION and self.pence is None) or (
            self.kind is RemedyKind.ACTION and self.what is None
        ):
            raise ValueError("compensation has an amount, and an action its words")
        return self


class GoingOn(FactModel):
    """How to take the complaint further, and until when (R7, R8)."""

    to: Step
    by: date
    """The last day, counted from the day on which this letter counts as received."""
    case_open: bool
    """Then one may go on at any time while it is; and until `by`, whichever is later."""
    after_closing: str | None
    """`one month`: how long after the closing of the case one may still ask for a review; None: not a review."""
