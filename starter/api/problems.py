"""What went wrong, as RFC 9457 wants it told: what kind of problem, and every field's mistake."""

from collections.abc import Iterable, Mapping
from http import HTTPStatus

from fastapi import Response
from pydantic import BaseModel

MEDIA_TYPE = "application/problem+json"


class FieldError(BaseModel):
    """One field's; without a field, the whole body's."""

    field: str
    """As in `concerns[2].aspect`; items are counted from 1."""
    detail: str
    """What would be right. Quotes nothing that was given."""


class Problem(BaseModel):
    """RFC 9457's problem details. `code` is stable: rely on it, and not on the sentences."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError] = []


class ProblemError(Exception):
    """Ends a request."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        detail: str,
        *,
        errors: Iterable[str] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem = Problem(
            type=f"urn:complaints:problem:{code}",
            title=status.phrase,
            status=status,
            detail=detail,
            code=code,
            errors=[_field_error(line) for line in errors],
        )
        self.headers = dict(headers or {})

    def response(self) -> Response:
        return Response(
            self.problem.model_dump_json(), self.problem.status, headers=self.headers, media_type=MEDIA_TYPE
        )


def bad_fields(lines: Iterable[str]) -> ProblemError:
    """`lines` as the models tell them: `field: what would be right`."""
    return ProblemError(
        HTTPStatus.UNPROCESSABLE_ENTITY, "mistakes", "Some fields are not as they must be.", errors=lines
    )


def out_of_reach(why: str) -> ProblemError:
    """Nothing is half done; the same request may succeed later."""
    return ProblemError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "out_of_reach",
        f"{why[:1].upper()}{why[1:]}. Send the same again: it takes effect once.",
        headers={"Retry-After": "2"},
    )


def too_many(detail: str, after: float) -> ProblemError:
    seconds = str(max(1, round(after + 0.5)))
    return ProblemError(HTTPStatus.TOO_MANY_REQUESTS, "too_many", detail, headers={"Retry-After": seconds})


def no_such_complaint() -> ProblemError:
    return ProblemError(HTTPStatus.NOT_FOUND, "no_such_complaint", "There is no complaint of this reference.")


def _field_error(line: str) -> FieldError:
    """Of a line that begins with no field's name, the whole is the detail."""
    field, colon, detail = line.partition(": ")
    return FieldError(field=field, detail=detail) if colon and " " not in field else FieldError(field="", detail=line)
