"""Problems as RFC 9457 defines them: a code, a sentence, and each field's error."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus

from fastapi import Response
from pydantic import BaseModel

from complaints.records.database import RecordUnreachableError
from complaints.temporal.calls import NoAnswerError
from starter.client.open_complaint import FormRefusedError, ReferenceTakenError
from starter.client.send_act import ActRefusedError

MEDIA_TYPE = "application/problem+json"
RETRY_AFTER_SECONDS = "2"


class FieldError(BaseModel):
    """An error in one field; without a field, in the whole body."""

    field: str
    """As in `concerns[2].aspect`; items are counted from 1."""
    detail: str
    """The expected value. It quotes nothing that was sent."""


class Problem(BaseModel):
    """Problem details (RFC 9457). `code` is stable; the sentences may change."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    errors: list[FieldError] = []


class ProblemError(Exception):
    """Ends a request with a problem."""

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


@contextmanager
def translate_errors() -> Iterator[None]:
    """Translate the errors of `starter.client` to ProblemError."""
    try:
        yield
    except FormRefusedError as error:
        raise invalid_fields(error.errors) from None
    except ReferenceTakenError as error:
        raise ProblemError(HTTPStatus.CONFLICT, "reference_taken", f"{error}.") from None
    except ActRefusedError as error:
        raise ProblemError(HTTPStatus.CONFLICT, error.refusal.code, error.refusal.sentence) from error
    except (NoAnswerError, RecordUnreachableError) as error:
        raise unavailable(str(error)) from error


def invalid_fields(lines: Iterable[str]) -> ProblemError:
    """Report invalid fields, one line each: `field: what would be right`."""
    return ProblemError(HTTPStatus.UNPROCESSABLE_ENTITY, "mistakes", "Some fields are not valid.", errors=lines)


def unavailable(why: str) -> ProblemError:
    """Report that a server or a worker is unavailable; the same request may succeed later."""
    return ProblemError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "out_of_reach",
        f"{why[:1].upper()}{why[1:]}. Send the same again: it takes effect once.",
        headers={"Retry-After": RETRY_AFTER_SECONDS},
    )


def too_many_requests(detail: str, retry_after_seconds: float) -> ProblemError:
    seconds = str(max(1, round(retry_after_seconds + 0.5)))
    return ProblemError(HTTPStatus.TOO_MANY_REQUESTS, "too_many", detail, headers={"Retry-After": seconds})


def unknown_complaint() -> ProblemError:
    return ProblemError(HTTPStatus.NOT_FOUND, "no_such_complaint", "There is no complaint with this reference.")


def _field_error(line: str) -> FieldError:
    """Split `field: detail`. A line without a field is all detail."""
    field, colon, detail = line.partition(": ")
    return FieldError(field=field, detail=detail) if colon and " " not in field else FieldError(field="", detail=line)
