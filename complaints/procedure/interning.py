"""One object for all that is equal: a thousand complaints under one policy and one calendar hold each of them once."""

from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ValidationError, WrapValidator
from pydantic_core import to_json

from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.policy import Policy

MAX_SHARED = 64
"""How many of a kind are known: policies and calendars in force, and those which older complaints keep."""

Frozen = TypeVar("Frozen", bound=BaseModel)


def shared(model: type[Frozen]) -> WrapValidator:
    """For a field that holds a frozen `model`: what is read from the same JSON is the same object."""

    @lru_cache(maxsize=MAX_SHARED)
    def read(text: bytes) -> Frozen:
        return model.model_validate_json(text)

    def validate(given: Any, validate_anew: Callable[[Any], Frozen]) -> Frozen:
        if not isinstance(given, dict):
            return validate_anew(given)
        try:
            return read(to_json(given))
        except ValidationError:
            return validate_anew(given)  # whose mistakes are told with the field's place

    return WrapValidator(validate)


SharedPolicy = Annotated[Policy, shared(Policy)]
SharedCalendar = Annotated[WorkingCalendar, shared(WorkingCalendar)]
