"""Read JSON bodies as models or fields, and answer with JSON Lines."""

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import Any, TypeVar

from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, ConfigDict

from complaints.procedure.validation_messages import InvalidFieldsError, parse_json
from starter.api.problems import invalid_fields, translate_errors
from starter.api.request_body import JSON_LINES, read_body

Model = TypeVar("Model", bound=BaseModel)


class _Fields(BaseModel):
    model_config = ConfigDict(extra="allow")


async def read_json(request: Request, model: type[Model]) -> Model:
    """Read a body as a model. Raises ProblemError with every error."""
    try:
        return parse_json(model, await read_body(request))
    except InvalidFieldsError as error:
        raise invalid_fields(error.errors) from None


async def read_fields(request: Request) -> dict[str, Any]:
    """Read a body as the fields that it gives, whatever they are. Raises ProblemError."""
    return (await read_json(request, _Fields)).model_extra or {}


async def lines_response(models: AsyncGenerator[BaseModel, None]) -> Response:
    """Answer with one model on each line, sent as they come.

    Raises ProblemError for an error before the first one; a later one ends the answer early.
    """
    with translate_errors():
        first = await anext(models, None)

    async def lines() -> AsyncGenerator[str, None]:
        async with aclosing(models):
            if first is not None:
                yield _line(first)
            async for model in models:
                yield _line(model)

    return StreamingResponse(lines(), media_type=JSON_LINES[0])


def _line(model: BaseModel) -> str:
    return f"{model.model_dump_json(by_alias=True)}\n"
