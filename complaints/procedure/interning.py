"""Share equal policies and calendars, so that many complaints hold each of them once."""

import base64
import hashlib
import json
from collections.abc import Callable
from functools import lru_cache
from typing import Annotated, Any, NamedTuple, TypeVar

from pydantic import BaseModel, ValidationError, WrapValidator
from pydantic_core import to_json

from complaints.procedure.dates.calendar import WorkingCalendar
from complaints.procedure.policy import Policy

DIGEST_BYTES = 18
"""Three bytes make four characters, so there is no padding. 144 bits: two contents do not meet in practice."""
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


def content_digest(model: Policy | WorkingCalendar) -> str:
    """Return the digest by which the record knows a policy or a calendar.

    What is as by default is left out, so that a later version with a new field gives the same digest. The order of
    keys does not count: PostgreSQL keeps another.
    """
    known = _digests.get(id(model))
    if known:
        return known.digest
    content = json.dumps(model.model_dump(mode="json", exclude_defaults=True), sort_keys=True)
    digest = base64.urlsafe_b64encode(hashlib.sha256(content.encode()).digest()[:DIGEST_BYTES]).decode()
    if len(_digests) >= MAX_SHARED:
        _digests.clear()
    _digests[id(model)] = _Digest(model, digest)
    return digest


class _Digest(NamedTuple):
    model: Policy | WorkingCalendar
    """Kept, so that no other object gets its id."""
    digest: str


_digests: dict[int, _Digest] = {}

SharedPolicy = Annotated[Policy, shared(Policy)]
SharedCalendar = Annotated[WorkingCalendar, shared(WorkingCalendar)]
