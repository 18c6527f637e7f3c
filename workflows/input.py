"""The input of a complaint's workflow."""

from typing import Any, Self

from pydantic import BaseModel, model_validator

from complaints.procedure.acts import ACTS, Act
from complaints.procedure.field_types import HIDE_INPUT
from complaints.procedure.state import ComplaintState, Start

ACTS_BY_NAME = {act.name: act for act in ACTS}


class PendingAct(BaseModel):
    """An act that Temporal had taken, and that no worker had applied when the workflow ended."""

    model_config = HIDE_INPUT

    name: str
    fields: dict[str, Any]
    """The act as JSON, with the instant at which Temporal took it as `made_at` (R4)."""

    def act(self) -> Act:
        return ACTS_BY_NAME[self.name].model_validate(self.fields)


class Revival(BaseModel):
    """A start from the record, as after the loss of a complaint's workflow."""

    recorded: int
    """The last event on the record."""
    replaces: str | None
    """The run id of the workflow before, where Temporal has it."""
    agreed: int
    """The last event up to which that workflow was as on the record."""
    pending: list[PendingAct] = []


class ComplaintInput(BaseModel):
    """The start of a new complaint, or the state of one that continues as new or is revived."""

    model_config = HIDE_INPUT

    start: Start | None = None
    resumed: ComplaintState | None = None
    revival: Revival | None = None
    """None: `resumed` is the state with which the run before continued as new."""

    @model_validator(mode="after")
    def _one_of_them(self) -> Self:
        if (self.start is None) == (self.resumed is None):
            raise ValueError("give exactly one of start, resumed")
        return self
