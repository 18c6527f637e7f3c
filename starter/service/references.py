"""Check references, and translate why a complaint does not run to a problem."""

from http import HTTPStatus

from pydantic import TypeAdapter, ValidationError
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.procedure.field_types import Reference
from starter.api.problems import ProblemError, unknown_complaint
from starter.client.send_act import ActRefusedError, NotRunningError, not_running_error

REFERENCE_ADAPTER = TypeAdapter(Reference)


def require_valid_reference(reference: str) -> None:
    """Raise ProblemError for a string that is no reference: it may be another workflow's id."""
    try:
        REFERENCE_ADAPTER.validate_python(reference)
    except ValidationError:
        raise unknown_complaint() from None


def not_running(error: NotRunningError) -> ProblemError:
    if error.is_lost:
        detail = "The complaint is open, but its workflow does not run; send the same again once it is revived."
        return ProblemError(HTTPStatus.CONFLICT, "not_running", detail)
    return unknown_complaint()


async def explain_not_running(engine: AsyncEngine, reference: str) -> ProblemError | ActRefusedError:
    """Explain by the record why Temporal has no open workflow. Raises RecordUnreachableError."""
    why = await not_running_error(engine, reference)
    return not_running(why) if isinstance(why, NotRunningError) else why
