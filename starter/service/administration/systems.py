"""Systems and their keys: list, add, rotate, revoke; the requests that were refused."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Annotated, Self

from pydantic import Field, RootModel, model_validator
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.api_keys import ApiKey, Scope, SystemName
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.field_types import Integer
from complaints.records import refused_requests
from complaints.records import systems as record
from complaints.records.refused_requests import RefusedRequests
from complaints.records.systems import StoredKey, System, SystemRefusedError
from complaints.runtime.clock import now
from starter.api.problems import ProblemError, invalid_fields
from starter.service.models import AnswerModel, RequestModel

DEFAULT_OVERLAP_HOURS, MAX_OVERLAP_HOURS = 24, 720


class NewSystem(RequestModel):
    """A system that may call the service."""

    name: SystemName
    """Also the actor of its acts. It is never given again."""
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1)]

    @model_validator(mode="after")
    def _findings_need_read(self) -> Self:
        if Scope.FINDINGS in self.scopes and Scope.READ not in self.scopes:
            raise ValueError("scopes: findings goes with read only; add read")
        return self


class Rotation(RequestModel):
    """A new key in place of the present ones."""

    overlap_hours: Annotated[Integer, Field(ge=0, le=MAX_OVERLAP_HOURS)] = DEFAULT_OVERLAP_HOURS
    """How long the present keys stay valid; 0: they end at once."""


class NewKey(AnswerModel):
    """A key, which no later answer has: the record keeps its digest only."""

    system: str
    key: str
    others_end_at: datetime | None = None
    """When the system's other keys end."""


class KeyView(AnswerModel):
    """A key without its secret."""

    id: str
    made_at: datetime
    ends_at: datetime | None
    """The key is invalid from then on; empty: no end is set."""
    last_used_at: datetime | None
    """Approximate, to about a minute."""


class SystemView(AnswerModel):
    """A system and its keys."""

    name: str
    scopes: tuple[Scope, ...]
    added_at: datetime
    added_by: str
    revoked_at: datetime | None
    revoked_by: str | None
    is_confirmed: bool
    """False: the record was restored, and nobody has confirmed the system since."""
    keys: tuple[KeyView, ...]
    """Newest first."""


class SystemList(RootModel[list[SystemView]]):
    """Systems, by name."""


class Revoked(AnswerModel):
    """The system has no rights any more."""

    system: str
    revoked: bool = True


class RefusedRequestList(RootModel[list[RefusedRequests]]):
    """Refused requests, by day."""


async def list_systems(engine: AsyncEngine) -> SystemList:
    return SystemList([_view(system) for system in await record.list_systems(engine)])


async def add_system(engine: AsyncEngine, new: NewSystem, by: str) -> NewKey:
    """Add a system, and return its key. Raises ProblemError."""
    key, name = ApiKey.new(), new.name.lower()
    try:
        await record.add_system(engine, name, new.scopes, by, now(), key)
    except SystemRefusedError as error:
        raise invalid_fields([f"name: {error}"]) from None
    return NewKey(system=name, key=str(key))


async def rotate_key(engine: AsyncEngine, name: str, rotation: Rotation, by: str) -> NewKey:
    """Give a system a new key, and return it. Raises ProblemError."""
    key, at = ApiKey.new(), now()
    old_until = at + timedelta(hours=rotation.overlap_hours)
    try:
        await record.rotate_key(engine, name, by, at, key, old_until)
    except SystemRefusedError as error:
        raise await _refusal(engine, name, error) from None
    return NewKey(system=name, key=str(key), others_end_at=old_until)


async def revoke_system(engine: AsyncEngine, name: str, by: str) -> Revoked:
    """Revoke a system for good. Raises ProblemError."""
    try:
        await record.revoke_system(engine, name, by, now())
    except SystemRefusedError as error:
        raise await _refusal(engine, name, error) from None
    return Revoked(system=name)


async def list_refusals(engine: AsyncEngine, days: int) -> RefusedRequestList:
    """List the refused requests of so many days, today included."""
    since = now().date() - timedelta(days=days - 1)
    return RefusedRequestList(await refused_requests.list_since(engine, since))


async def _refusal(engine: AsyncEngine, name: str, error: SystemRefusedError) -> ProblemError:
    names = [system.name for system in await record.list_systems(engine)]
    if name in names:
        return invalid_fields([f"name: {error}"])
    return unknown_system(name, names)


def unknown_system(name: str, known: Iterable[str]) -> ProblemError:
    reason = unknown_name(name, known, "see complaints systems list")
    return ProblemError(HTTPStatus.NOT_FOUND, "no_such_system", "No system has this name.", errors=[f"name: {reason}"])


def _view(system: System) -> SystemView:
    return SystemView.model_validate(system.model_dump(exclude={"keys"}) | {"keys": _views(system.keys)})


def _views(keys: Sequence[StoredKey]) -> list[KeyView]:
    return [KeyView.model_validate(key.model_dump(exclude={"digest"})) for key in keys]
