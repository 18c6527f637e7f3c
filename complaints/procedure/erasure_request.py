"""A lead's request to erase a closed complaint."""

from datetime import datetime

from pydantic import BaseModel

from complaints.procedure.enums import ClosingReason
from complaints.procedure.field_types import HIDE_INPUT


class ErasureRequest(BaseModel):
    """Who asked for it, when and why, and how the complaint had closed.

    Temporal holds it, so that a record which is restored to an older state can be erased again.
    """

    model_config = HIDE_INPUT

    reference: str
    asked_at: datetime
    by: str
    why: str
    closed_at: datetime
    closing_reason: ClosingReason
