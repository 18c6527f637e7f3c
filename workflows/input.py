"""The input of a complaint's workflow."""

from typing import Self

from pydantic import BaseModel, model_validator

from complaints.procedure.field_types import HIDE_INPUT
from complaints.procedure.state import ComplaintState, Start


class ComplaintInput(BaseModel):
    """The start of a new complaint, or the state of one that continues as new."""

    model_config = HIDE_INPUT

    start: Start | None = None
    resumed: ComplaintState | None = None

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.start is None) == (self.resumed is None):
            raise ValueError("give exactly one of start, resumed")
        return self
