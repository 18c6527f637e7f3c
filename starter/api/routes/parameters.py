"""Parameters that several routes have, and their JSON answers."""

from typing import Annotated

from fastapi import Header, Path, Response
from pydantic import BaseModel

from complaints.procedure.field_types import REFERENCE_PATTERN
from starter.api import examples

Ref = Annotated[
    str,
    Path(
        description="The form's reference.",
        examples=[examples.EXAMPLE_REFERENCE],
        json_schema_extra={"pattern": f"^{REFERENCE_PATTERN}$"},
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(description="Optional. If given, it repeats the form's reference, or the act's id."),
]


def as_json(
    model: BaseModel, status: int = 200, *, headers: dict[str, str] | None = None, exclude: set[str] | None = None
) -> Response:
    text = model.model_dump_json(exclude=exclude, by_alias=True)
    return Response(text, status, headers=headers, media_type="application/json")
