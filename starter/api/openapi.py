"""Describe the service in OpenAPI: each route's request, answer and problems."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from starter.api.problems import MEDIA_TYPE, Problem
from starter.api.request_body import JSON_LINES

DESCRIPTION = """Open complaints, read their status, and send the acts of complainants and of the case system.

Every request but `/healthz` and `/readyz` needs `Authorization: Bearer`: with a system's key, or with the access token
of a member of staff who signed in (OpenID Connect). A repeat takes effect once: a form is recognised by its
`reference`, an act by its `id`. After a 503, or no answer, send the same again.
"""
CONFLICT = """Refused; nothing has changed. The reference is another form's (`reference_taken`), the id that of an act
with other content (`id_taken`), or the procedure does not allow it: `code` and `detail` say why. `not_running`: the
complaint is open, but its workflow does not run; send the same again once an operator has revived it."""
FAILURES: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        401: (
            "no_key",
            "No key, or an invalid one; `not_signed_in`: the access token is not valid, and `detail` says why.",
        ),
        403: (
            "no_such_right",
            (
                "No right to this; `no_part`: no right to people's words in this complaint. Or the caller is "
                "`unconfirmed`, or as staff `unknown_staff` or `inactive_staff`; or it is their `own_entry`."
            ),
        ),
        404: (
            "no_such_complaint",
            "No complaint has this reference; `no_such_member`, `no_such_system`: nobody has this id or name.",
        ),
        408: ("too_slow", "The body did not arrive in time."),
        409: ("reference_taken", CONFLICT),
        410: ("cursor_gone", "The record does not have the change that `changed_since` names; begin again without it."),
        413: ("too_long", "The body is too long."),
        415: ("wrong_kind", "The Content-Type is not accepted, or the body is compressed."),
        422: ("mistakes", "Some fields are not valid; `errors` lists every error with its field."),
        429: (
            "too_many",
            "The system sends too many requests; `Retry-After` says in how many seconds it may send the next.",
        ),
        500: ("failed", "Internal error; `detail` has the incident number under which it is in the log."),
        501: ("not_installed", "The service lacks an optional package; `detail` says which."),
        503: ("out_of_reach", "Temporal, PostgreSQL or a worker is unavailable; nothing is half done."),
    }
)
FOR_SYSTEMS: Mapping[str, Any] = MappingProxyType({"security": [{"key": []}]})
FOR_STAFF: Mapping[str, Any] = MappingProxyType({"security": [{"staff": []}]})
FOR_BOTH: Mapping[str, Any] = MappingProxyType({"security": [{"key": []}, {"staff": []}]})
COMMON_FAILURES = (401, 403, 429, 500, 503)
_described: dict[tuple[type[BaseModel], JsonSchemaMode], None] = {}
"""The models that the routes refer to, in the order in which they were described."""


def ref(model: type[BaseModel], mode: JsonSchemaMode) -> dict[str, str]:
    """Refer to a model's schema, which `describe` adds."""
    _described[model, mode] = None
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def success(model: type[BaseModel], description: str, example: Any) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": ref(model, "serialization"), "example": example}},
    }


def success_list(model: type[BaseModel], description: str, example: list[Any]) -> dict[str, Any]:
    schema = {"type": "array", "items": ref(model, "serialization")}
    return {"description": description, "content": {"application/json": {"schema": schema, "example": example}}}


def lines_success(model: type[BaseModel], description: str, example: str) -> dict[str, Any]:
    """Describe an answer of one model on each line."""
    return {"description": description, "content": {JSON_LINES[0]: json_lines(model, example)}}


def failures(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Describe these problems and those that every route has."""
    return {status: _failure(status) for status in sorted({*statuses, *COMMON_FAILURES})}


def json_body(model: type[BaseModel], example: Any) -> dict[str, Any]:
    """Describe the body of a route that reads it itself, and not through FastAPI."""
    return {
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": ref(model, "validation"), "example": example}},
        }
    }


def lines_body(kinds: tuple[str, ...], model: type[BaseModel], example: str) -> dict[str, Any]:
    return {
        "requestBody": {"required": True, "content": dict.fromkeys(kinds, json_lines(model, example, "validation"))}
    }


def json_lines(model: type[BaseModel], example: str, mode: JsonSchemaMode = "serialization") -> dict[str, Any]:
    """Describe JSON Lines as a string: OpenAPI has no schema for them before 3.2."""
    _described[model, mode] = None
    return {"schema": {"type": "string", "description": f"Each line is a {model.__name__}."}, "example": example}


def describe(app: FastAPI) -> dict[str, Any]:
    description = get_openapi(title=app.title, version=app.version, description=DESCRIPTION, routes=app.routes)
    _, schemas = models_json_schema(list(_described), ref_template="#/components/schemas/{model}")
    description["components"] = {
        "schemas": schemas["$defs"],
        "securitySchemes": {
            "key": {"type": "http", "scheme": "bearer", "description": "A system's key."},
            "staff": {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "The access token of a member of staff, from the identity provider.",
            },
        },
    }
    return description


def _failure(status: int) -> dict[str, Any]:
    code, description = FAILURES[status]
    title = HTTPStatus(status).phrase
    example: dict[str, Any] = {
        "type": f"urn:complaints:problem:{code}",
        "title": title,
        "status": status,
        "detail": description,
        "code": code,
        "errors": [],
    }
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        example["errors"] = [{"field": "complainant.name", "detail": "is needed"}]
    failure: dict[str, Any] = {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": ref(Problem, "serialization"), "example": example}},
    }
    if status in (429, 503):
        failure["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return failure
