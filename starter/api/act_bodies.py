"""The acts that a system may tell of: what the complainant or the case system said."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError, create_model

from complaints.procedure.acts import Act, AskManager, CaseClosed, CaseReopened, Escalate, Resolve, Withdraw
from complaints.procedure.field_types import InputModel
from complaints.procedure.validation_messages import validation_errors
from starter.api.auth.key_cache import Caller
from starter.api.problems import bad_fields

ACTS_OF_SYSTEMS: tuple[type[Act], ...] = (Escalate, Resolve, Withdraw, AskManager, CaseClosed, CaseReopened)
NOT_GIVEN = ("by", "made_at")
"""Whose key it is says who acts; and only a signal has been on its way."""


def _body(act: type[Act]) -> type[InputModel]:
    fields: dict[str, Any] = {
        name: (field.annotation, field) for name, field in act.model_fields.items() if name not in NOT_GIVEN
    }
    return create_model(act.__name__, __base__=InputModel, __doc__=act.description, **fields)


BODIES: Mapping[type[Act], type[InputModel]] = MappingProxyType({act: _body(act) for act in ACTS_OF_SYSTEMS})


def read_act(act: type[Act], body: bytes, caller: Caller) -> Act:
    """The act, by its caller. Raises ProblemError with every mistake."""
    try:
        given = BODIES[act].model_validate_json(body)
    except ValidationError as error:
        raise bad_fields(validation_errors(error)) from None
    return act.model_validate({**dict(given), "by": caller.name})
