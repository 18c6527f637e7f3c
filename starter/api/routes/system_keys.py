"""The routes by which administrators give systems their keys."""

from typing import Annotated, Any

from fastapi import Depends, FastAPI, Path, Request, Response
from pydantic import Field

from complaints.api_keys import SYSTEM_NAME
from complaints.procedure.field_types import Integer
from complaints.procedure.permissions import OfficeRole
from starter.api.auth.staff import StaffCaller
from starter.api.context import ApiContext
from starter.api.json_body import read_json
from starter.api.openapi import FOR_STAFF, failures, json_body, success
from starter.api.problems import translate_errors
from starter.api.query import query_parameters, read_query
from starter.api.routes.parameters import as_json
from starter.service.administration import systems
from starter.service.administration.systems import NewKey, NewSystem, RefusedRequestList, Revoked, Rotation, SystemList
from starter.service.models import RequestModel

TAGS: list[Any] = ["systems and their keys"]
DEFAULT_DAYS, MAX_DAYS = 7, 9_999
INSTANT = "2026-12-09T10:00:00Z"
KEY = {"system": "portal", "key": "ck_0a1b2c3d4e5f_…", "others_end_at": None}
SYSTEM = {
    "name": "portal",
    "scopes": ["open", "read"],
    "added_at": INSTANT,
    "added_by": "a.keller",
    "revoked_at": None,
    "revoked_by": None,
    "is_confirmed": True,
    "keys": [{"id": "0a1b2c3d4e5f", "made_at": INSTANT, "ends_at": None, "last_used_at": None}],
}
REVOKED = {"system": "portal", "revoked": True}
REFUSED = {
    "day": "2026-12-09",
    "reason": "no_such_key",
    "system": "",
    "request": "GET /complaints/{reference}",
    "times": 3,
    "first_at": INSTANT,
    "last_at": INSTANT,
}


class RefusedQuery(RequestModel):
    """Which refused requests to list."""

    days: Annotated[Integer, Field(ge=1, le=MAX_DAYS)] = DEFAULT_DAYS
    """Of how many days, today included."""


Name = Annotated[
    str,
    Path(
        description="The system's name; capitals are the same as small letters.",
        examples=["portal"],
        json_schema_extra={"pattern": f"^{SYSTEM_NAME}$"},
    ),
]


def add_routes(app: FastAPI, context: ApiContext) -> None:
    _add_reading(app, context)
    _add_changes(app, context)


def _add_reading(app: FastAPI, context: ApiContext) -> None:
    engine = context.engine
    reader = Annotated[
        StaffCaller, Depends(context.authorizer.require_staff(OfficeRole.ADMINISTRATOR, OfficeRole.AUDITOR))
    ]

    @app.get(
        "/systems",
        tags=TAGS,
        response_class=Response,
        summary="List the systems with their scopes and keys.",
        responses={200: success(SystemList, "All systems, by name.", [SYSTEM]), **failures()},
        openapi_extra=dict(FOR_STAFF),
    )
    async def list_systems(_: reader) -> Response:
        with translate_errors():
            return as_json(await systems.list_systems(engine))

    @app.get(
        "/refused-requests",
        tags=TAGS,
        response_class=Response,
        summary="Count the refused requests, by day, system and reason.",
        responses={200: success(RefusedRequestList, "By day.", [REFUSED]), **failures(422)},
        openapi_extra={**query_parameters(RefusedQuery), **FOR_STAFF},
    )
    async def list_refused(request: Request, _: reader) -> Response:
        query = read_query(request, RefusedQuery)
        with translate_errors():
            return as_json(await systems.list_refusals(engine, query.days))


def _add_changes(app: FastAPI, context: ApiContext) -> None:
    engine = context.engine
    administrator = Annotated[StaffCaller, Depends(context.authorizer.require_staff(OfficeRole.ADMINISTRATOR))]

    @app.post(
        "/systems",
        tags=TAGS,
        response_class=Response,
        status_code=201,
        summary="Add a system. Its key is in the answer, and nowhere else.",
        responses={201: success(NewKey, "The key.", KEY), **failures(408, 413, 415, 422)},
        openapi_extra={**json_body(NewSystem, {"name": "portal", "scopes": ["open", "read"]}), **FOR_STAFF},
    )
    async def add_system(request: Request, caller: administrator) -> Response:
        new = await read_json(request, NewSystem)
        with translate_errors():
            return as_json(await systems.add_system(engine, new, caller.id), 201)

    @app.post(
        "/systems/{name}/keys",
        tags=TAGS,
        response_class=Response,
        status_code=201,
        summary="Give a system a new key. It is in the answer, and nowhere else.",
        responses={201: success(NewKey, "The key.", KEY), **failures(404, 408, 413, 415, 422)},
        openapi_extra={**json_body(Rotation, {"overlap_hours": 24}), **FOR_STAFF},
    )
    async def rotate_key(request: Request, name: Name, caller: administrator) -> Response:
        rotation = await read_json(request, Rotation)
        with translate_errors():
            return as_json(await systems.rotate_key(engine, name.lower(), rotation, caller.id), 201)

    @app.delete(
        "/systems/{name}",
        tags=TAGS,
        response_class=Response,
        summary="Revoke a system for good. Its name stays on the record, and is never given again.",
        responses={
            200: success(Revoked, "It is revoked.", REVOKED),
            **failures(404, 422),
        },
        openapi_extra=dict(FOR_STAFF),
    )
    async def revoke_system(name: Name, caller: administrator) -> Response:
        with translate_errors():
            return as_json(await systems.revoke_system(engine, name.lower(), caller.id))
