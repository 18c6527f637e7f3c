"""Read a request's query as a model, and describe it in OpenAPI."""

from collections import Counter
from typing import Any, TypeVar

from fastapi import Request
from pydantic import ValidationError

from complaints.procedure.field_types import InputModel
from complaints.procedure.validation_messages import validation_errors
from starter.api.problems import invalid_fields

Model = TypeVar("Model", bound=InputModel)


def read_query(model: type[Model], request: Request) -> Model:
    """Read the query. Raises ProblemError with every error."""
    values = request.query_params.multi_items()
    errors = [f"{name}: is given twice; give it once" for name, n in Counter(n for n, _ in values).items() if n > 1]
    try:
        query = model.model_validate_strings(dict(values))
    except ValidationError as error:
        raise invalid_fields([*validation_errors(error, model), *errors]) from None
    if errors:
        raise invalid_fields(errors)
    return query


def query_parameters(*models: type[InputModel]) -> dict[str, Any]:
    """Describe the fields of models as a route's parameters."""
    return {"parameters": [parameter for model in models for parameter in _parameters(model)]}


def _parameters(model: type[InputModel]) -> list[dict[str, Any]]:
    schema = model.model_json_schema()
    types, needed = schema.get("$defs", {}), schema.get("required", [])
    parameters = []
    for name, field in schema["properties"].items():
        described = _without_references({key: each for key, each in field.items() if key != "description"}, types)
        parameter = {"name": name, "in": "query", "required": name in needed, "schema": described}
        parameters.append(parameter | {"description": field.get("description", "")})
    return parameters


def _without_references(schema: Any, types: dict[str, Any]) -> Any:
    """Replace references by their types, and leave out null, which a query cannot give."""
    if isinstance(schema, list):
        return [_without_references(each, types) for each in schema if each != {"type": "null"}]
    if not isinstance(schema, dict):
        return schema
    if "$ref" in schema:
        return _without_references(types[schema["$ref"].rpartition("/")[2]], types)
    return {key: _without_references(each, types) for key, each in schema.items() if (key, each) != ("default", None)}
