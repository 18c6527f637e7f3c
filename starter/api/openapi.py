"""The service's description (OpenAPI): what each request takes, what it answers, and every way in which it may fail."""

from collections.abc import Mapping
from http import HTTPStatus
from types import MappingProxyType
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel
from pydantic.json_schema import JsonSchemaMode, models_json_schema

from complaints.procedure.form import Form
from starter.api.act_bodies import BODIES
from starter.api.batch import BatchResult
from starter.api.problems import MEDIA_TYPE, Problem
from starter.api.responses import Done, StatusView
from starter.client.open_complaint import Opened

ABOUT = """Intake systems open complaints, ask where they stand, and tell of what complainants and the case system say.

Every request but `/healthz` and `/readyz` bears a key: `Authorization: Bearer KEY`. What is sent twice takes effect
once: a form by its `reference`, an act by its `id`. After a 503, or no answer, send the same again.
"""
CONFLICT = """Refused; nothing has changed. The reference is another form's (`reference_taken`), the id another act's
(`id_taken`), or the procedure does not allow it; `code` and `detail` say why."""
FAILURES: Mapping[int, tuple[str, str]] = MappingProxyType(
    {
        401: ("no_key", "No key, or none that holds."),
        403: ("no_such_right", "The key has no right to this. Nothing is told of the complaint, nor whether it is."),
        404: ("no_such_complaint", "There is no complaint of this reference."),
        408: ("too_slow", "The body did not come in time."),
        409: ("reference_taken", CONFLICT),
        413: ("too_long", "The body is too long."),
        415: ("wrong_kind", "The Content-Type is another, or the body is compressed."),
        422: ("mistakes", "Fields are not as they must be; `errors` has every mistake, with its field."),
        429: ("too_many", "The system asks for too much; `Retry-After` says in how many seconds it may ask again."),
        500: ("failed", "A fault of ours; `detail` has the number under which it is in our log."),
        503: ("out_of_reach", "Temporal, PostgreSQL or a worker is out of reach; nothing is half done."),
    }
)
EVERYWHERE = (401, 403, 429, 500, 503)
TAKEN: tuple[type[BaseModel], ...] = (Form, *BODIES.values())
GIVEN: tuple[type[BaseModel], ...] = (Opened, Done, StatusView, BatchResult, Problem)


def ref(model: type[BaseModel]) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{model.__name__}"}


def answers(model: type[BaseModel], description: str, example: Any) -> dict[str, Any]:
    """A good answer."""
    return {"description": description, "content": {"application/json": {"schema": ref(model), "example": example}}}


def fails(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Those, and those of every route."""
    return {status: _failure(status) for status in sorted({*statuses, *EVERYWHERE})}


def takes(model: type[BaseModel], example: Any) -> dict[str, Any]:
    """For a route whose body is read by ourselves."""
    return {
        "requestBody": {"required": True, "content": {"application/json": {"schema": ref(model), "example": example}}}
    }


def takes_lines(kinds: tuple[str, ...], model: type[BaseModel], example: str) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": dict.fromkeys(kinds, lines_of(model, example))}}


def lines_of(model: type[BaseModel], example: str) -> dict[str, Any]:
    """JSON Lines have no schema of their own before OpenAPI 3.2."""
    return {"schema": {"type": "string", "description": f"Each line is a {model.__name__}."}, "example": example}


def describe(app: FastAPI) -> dict[str, Any]:
    described = get_openapi(title=app.title, version=app.version, description=ABOUT, routes=app.routes)
    models: list[tuple[type[BaseModel], JsonSchemaMode]] = [(model, "validation") for model in TAKEN]
    models += [(model, "serialization") for model in GIVEN]
    _, schemas = models_json_schema(models, ref_template="#/components/schemas/{model}")
    described["components"] = {
        "schemas": schemas["$defs"],
        "securitySchemes": {"key": {"type": "http", "scheme": "bearer", "description": "A system's own key."}},
    }
    return described


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
    made: dict[str, Any] = {
        "description": description,
        "content": {MEDIA_TYPE: {"schema": ref(Problem), "example": example}},
    }
    if status in (429, 503):
        made["headers"] = {"Retry-After": {"description": "Seconds.", "schema": {"type": "integer"}}}
    return made
