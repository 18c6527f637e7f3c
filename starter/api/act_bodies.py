"""The acts that a system may send, by the complainant or the case system."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError, create_model

from complaints.procedure.acts import (
    Act,
    AddInformation,
    AskManager,
    CaseClosed,
    CaseReopened,
    ChangeContact,
    Escalate,
    Resolve,
    Withdraw,
)
from complaints.procedure.field_types import InputModel
from complaints.procedure.validation_messages import InvalidFieldsError, parse_json, validation_errors
from starter.api.auth.key_cache import Caller
from starter.api.problems import invalid_fields

SYSTEM_ACTS: tuple[type[Act], ...] = (
    *(Escalate, Resolve, Withdraw, AskManager, AddInformation, ChangeContact),
    *(CaseClosed, CaseReopened),
)
OMITTED_FIELDS = ("by", "made_at", "from_complainant")
"""The key determines the actor, only a signal says when it was sent, and intake speaks for the complainant (R7)."""


def _body(act: type[Act]) -> type[InputModel]:
    fields: dict[str, Any] = {
        name: (field.annotation, field) for name, field in act.model_fields.items() if name not in OMITTED_FIELDS
    }
    return create_model(act.__name__, __base__=InputModel, __doc__=act.description, **fields)


BODIES: Mapping[type[Act], type[InputModel]] = MappingProxyType({act: _body(act) for act in SYSTEM_ACTS})


def read_act(act: type[Act], body: bytes, caller: Caller) -> Act:
    """Read an act from JSON; the caller is its actor. Raises ProblemError with every error."""
    try:
        fields = parse_json(BODIES[act], body)
    except InvalidFieldsError as error:
        raise invalid_fields(error.errors) from None
    speaks_for = {"from_complainant": True} if act is Escalate else {}
    try:
        return act.model_validate({**dict(fields), "by": caller.name, **speaks_for})
    except ValidationError as error:  # of the act as a whole
        raise invalid_fields(validation_errors(error)) from None
