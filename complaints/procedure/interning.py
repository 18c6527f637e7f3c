"""Share equal policies and calendars, so that many complaints hold each of them once."""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ValidationError, WrapValidator
from pydantic_core import to_json

from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.policy import Policy

MAX_SHARED = 64
"""The size of each cache, for versions in force and those of older complaints."""

Frozen = TypeVar("Frozen", bound=BaseModel)


def shared(model: type[Frozen]) -> WrapValidator:
    """Return a validator that gives the same object of the frozen `model` for the same JSON."""

    @lru_cache(maxsize=MAX_SHARED)
    def read(text: bytes) -> Frozen:
        return model.model_validate_json(text)

    def validate(value: Any, handler: Callable[[Any], Frozen]) -> Frozen:
        if not isinstance(value, dict):
            return handler(value)
        try:
            return read(to_json(value))
        except ValidationError:
            return handler(value)  # its errors have the field's location

    return WrapValidator(validate)


SharedPolicy = Annotated[Policy, shared(Policy)]
SharedCalendar = Annotated[WorkingCalendar, shared(WorkingCalendar)]
