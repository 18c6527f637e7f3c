"""The bodies of acts, and the acts that systems and staff may send."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from pydantic import ValidationError, create_model

from complaints.procedure.acts import (
    ACTS,
    Act,
    AddInformation,
    AskManager,
    CaseClosed,
    CaseReopened,
    ChangeContact,
    ChangePolicy,
    Escalate,
    Recalendar,
    Resolve,
    Withdraw,
)
from complaints.procedure.field_types import InputModel
from complaints.procedure.permissions import POST_ROOM
from complaints.procedure.validation_messages import InvalidFieldsError, parse_json, validation_errors
from starter.api.auth.key_cache import Caller
from starter.api.auth.staff import StaffCaller
from starter.api.problems import ProblemError, invalid_fields

SYSTEM_ACTS: tuple[type[Act], ...] = (
    *(Escalate, Resolve, Withdraw, AskManager, AddInformation, ChangeContact),
    *(CaseClosed, CaseReopened),
)
STAFF_ACTS: tuple[type[Act], ...] = tuple(act for act in ACTS if act not in (Recalendar, ChangePolicy))
"""Calendars and policies have routes of their own, as nobody gives a calendar by hand."""
OMITTED_FIELDS = ("by", "made_at")
"""The key or the sign-in determines the actor, and the service says when a signal was sent."""
STAFF_FIELDS = ("from_complainant", "on_behalf_of")
"""Fields that systems cannot give: intake speaks for the complainant (R7), and each system for itself."""


def _body(act: type[Act]) -> type[InputModel]:
    fields: dict[str, Any] = {
        name: (field.annotation, field) for name, field in act.model_fields.items() if name not in OMITTED_FIELDS
    }
    return create_model(act.__name__, __base__=InputModel, __doc__=act.description, **fields)


BODIES: Mapping[type[Act], type[InputModel]] = MappingProxyType({act: _body(act) for act in STAFF_ACTS})


def read_act(act: type[Act], body: bytes, caller: Caller | StaffCaller) -> Act:
    """Read an act from JSON; the caller is its actor. Raises ProblemError with every error."""
    if caller.name == POST_ROOM:
        detail = f"{POST_ROOM} is the product itself; sign in with an id of your own."
        raise ProblemError(HTTPStatus.FORBIDDEN, "no_such_right", detail)
    try:
        fields = parse_json(BODIES[act], body)
    except InvalidFieldsError as error:
        raise invalid_fields(error.errors) from None
    given = dict(fields)
    if isinstance(caller, Caller):
        if surplus := [name for name in STAFF_FIELDS if name in fields.model_fields_set]:
            raise invalid_fields([f"{name}: is for staff; leave it out" for name in surplus])
        given |= {"from_complainant": True} if act is Escalate else {}
    try:
        return act.model_validate({**given, "by": caller.name})
    except ValidationError as error:  # of the act as a whole
        raise invalid_fields(validation_errors(error)) from None
