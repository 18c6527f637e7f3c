"""Read the query of a URL as a model, and describe its parameters."""

from typing import Any, TypeVar

from fastapi import Request
from pydantic import BaseModel, ValidationError

from complaints.procedure.validation_messages import validation_errors
from starter.api.problems import invalid_fields

Model = TypeVar("Model", bound=BaseModel)


def read_query(request: Request, model: type[Model]) -> Model:
    """Read a query. Raises ProblemError with every error, also for a repeated parameter."""
    given = request.query_params
    repeated = [
        f"{name}: is given twice; give it once" for name in dict.fromkeys(given) if len(given.getlist(name)) > 1
    ]
    try:
        parsed = model.model_validate_strings(dict(given))
    except ValidationError as error:
        raise invalid_fields([*validation_errors(error, model), *repeated]) from None
    if repeated:
        raise invalid_fields(repeated)
    return parsed


def query_parameters(model: type[BaseModel]) -> dict[str, Any]:
    """Describe the parameters of a route that reads them by `read_query`."""
    schema = model.model_json_schema()
    required = schema.get("required", [])
    return {
        "parameters": [
            {
                "name": name,
                "in": "query",
                "required": name in required,
                "description": value.pop("description", name),
                "schema": _without_null(value),
            }
            for name, value in schema["properties"].items()
        ]
    }


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a value that is given: a query has no null."""
    schemas = [each for each in schema.get("anyOf", []) if each != {"type": "null"}]
    kept = {name: value for name, value in schema.items() if name not in ("anyOf", "default", "title")}
    return {**kept, **schemas[0]} if schemas else kept
