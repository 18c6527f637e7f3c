"""Send acts to complaints, and find out what became of one."""

from collections.abc import Sequence
from contextlib import suppress
from enum import StrEnum
from http import HTTPStatus

from pydantic import BaseModel
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.formatting.nearest_name import nearest_name
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.acts import Act, KeyedAct, Reassign, ReassignUndertaking
from complaints.procedure.complaint import DONE
from complaints.procedure.enums import Code
from complaints.procedure.state import Answer
from complaints.records import directory
from complaints.records.database import RecordError
from complaints.records.queries import find_complaint, read_answer
from complaints.temporal.calls import WorkflowEndedError, call_with_timeout
from complaints.temporal.virtual_time import UnknownComplaintError, read_clock
from starter.api.problems import ProblemError, translate_errors, unknown_complaint
from starter.client.query_complaint import fetch_answer, fetch_is_waiting
from starter.client.send_act import NotRunningError, send_signal, send_update
from starter.service.references import explain_not_running, not_running, require_valid_reference


class ActState(StrEnum):
    """What became of an act."""

    DONE = "done"
    REFUSED = "refused"
    WAITING = "waiting"
    """It has come, and is not applied yet."""
    UNKNOWN = "unknown"
    """No act with this id has come, or it was refused at once and left no trace."""


class SentAct(BaseModel):
    """The answer to an act that was sent as a signal."""

    id: str
    """The act's id, by which one asks what became of it."""
    reference: str
    code: str = "sent"


class ActOutcome(BaseModel):
    """What became of an act."""

    id: str
    reference: str
    state: ActState
    answer: Answer | None
    """None: it waits, or is unknown. The answer to a refused act has the refusal's code and sentence."""


async def send_act(client: Client, engine: AsyncEngine, reference: str, act: Act) -> Answer:
    """Send an act to a complaint, and wait for its answer. Raises ProblemError."""
    require_valid_reference(reference)
    with translate_errors():
        try:
            return await send_update(client, reference, act)
        except RPCError as error:
            raise await explain_not_running(engine, reference) from error


async def signal_act(client: Client, engine: AsyncEngine, reference: str, act: Act) -> SentAct:
    """Send an act as a signal, with the time on the complaint's clock. Raises ProblemError.

    The service alone says when a signal was sent (R4).
    """
    require_valid_reference(reference)
    with translate_errors():
        try:
            made_at = await call_with_timeout(read_clock(client, reference))
            await send_signal(client, reference, act.model_copy(update={"made_at": made_at}))
        except (RPCError, UnknownComplaintError) as error:
            raise await explain_not_running(engine, reference) from error
    return SentAct(id=act.id, reference=reference)


async def find_outcome(client: Client, engine: AsyncEngine, reference: str, act_id: str) -> ActOutcome:
    """Find out what became of an act: from its workflow, else from the record.

    Raises ProblemError.
    """
    require_valid_reference(reference)
    is_waiting = False
    with translate_errors():
        try:
            answer = await fetch_answer(client, reference, act_id)
            is_waiting = answer is None and await fetch_is_waiting(client, reference, act_id)
        except (RPCError, WorkflowEndedError):
            found = await find_complaint(engine, reference)
            if found is None:
                raise unknown_complaint() from None
            answer = await read_answer(engine, reference, act_id)
            if answer is None and found.closed_at is None:
                raise not_running(NotRunningError(reference, is_lost=True)) from None
    if answer:
        state = ActState.DONE if answer.code == DONE else ActState.REFUSED
    else:
        state = ActState.WAITING if is_waiting else ActState.UNKNOWN
    return ActOutcome(id=act_id, reference=reference, state=state, answer=answer)


async def refuse_unknown_staff(engine: AsyncEngine, act: Act) -> None:
    """Raise ProblemError where the act names somebody that the directory lacks.

    So a misspelt id leaves no trace on the complaint. While the record is unavailable, the complaint itself checks.
    """
    field, staff = _named_staff(act)
    if staff is None:
        return
    with suppress(RecordError):
        staff_directory = await directory.read_directory(engine)
        if not staff_directory.has_all([staff]):
            raise unknown_staff(field, staff, list(staff_directory.members))


def unknown_staff(field: str, staff: str, known: Sequence[str]) -> ProblemError:
    """Report an id that the directory lacks, with the nearest one that it has."""
    errors = [f"{field}: {unknown_name(staff, known)}"] if nearest_name(staff, known) else []
    return ProblemError(
        HTTPStatus.CONFLICT, Code.UNKNOWN_STAFF, f"{staff} is not in the staff directory.", errors=errors
    )


def _named_staff(act: Act) -> tuple[str, str | None]:
    """Return the field by which an act names another member of staff, and their id."""
    if isinstance(act, KeyedAct):
        return "on_behalf_of", act.on_behalf_of
    if isinstance(act, (Reassign, ReassignUndertaking)):
        return "to", act.to
    return "", None
