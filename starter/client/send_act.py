"""Send an act to its complaint: as an update, which is answered, or as a signal."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from complaints.procedure.acts import Act
from complaints.procedure.enums import Code
from complaints.procedure.refusals import Refusal, RefusedError
from complaints.procedure.state import Answer
from complaints.records import queries
from complaints.temporal.calls import CannotAnswerError, NoAnswerError, call_with_timeout

WORKFLOW_ENDED = "AcceptedUpdateCompletedWorkflow"
"""Temporal's type of the error of an update whose workflow ended."""


class ActRefusedError(Exception):
    """The procedure refused the act; nothing has changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


class NotRunningError(Exception):
    """No complaint has this reference; with `is_lost`, the record has it, Temporal does not."""

    def __init__(self, reference: str, *, is_lost: bool = False) -> None:
        super().__init__(reference)
        self.is_lost = is_lost


def complaint_handle(client: Client, reference: str) -> WorkflowHandle[Any, Any]:
    return client.get_workflow_handle(reference)


async def send_update(client: Client, reference: str, act: Act, timeout_seconds: float | None = None) -> Answer:
    """Send an act as an update, and return its answer.

    Raises ActRefusedError, NoAnswerError, CannotAnswerError.
    Raises temporalio's RPCError with NOT_FOUND if Temporal has no open workflow: see `not_running_error`.
    """
    # Temporal answers a known update id itself. With the content in the id, it does so only for the same act.
    update_id = f"{act.id} {act.content_digest}"
    call = complaint_handle(client, reference).execute_update(act.name, act, id=update_id, result_type=Answer)
    try:
        answer: Answer = await call_with_timeout(call, timeout_seconds)
    except WorkflowUpdateFailedError as error:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type in set(Code):
            raise ActRefusedError(Refusal(code=Code(cause.type), sentence=cause.message)) from error
        if isinstance(cause, ApplicationError) and cause.type == WORKFLOW_ENDED:
            raise NoAnswerError("the complaint's workflow ended before it answered") from error
        raise CannotAnswerError(f"the complaint could not take it: {cause}") from error
    return answer


async def send_signal(client: Client, reference: str, act: Act, timeout_seconds: float | None = None) -> None:
    """Send an act as a signal, which has no answer.

    Raises NoAnswerError, and temporalio's RPCError with NOT_FOUND as `send_update` does.
    """
    await call_with_timeout(complaint_handle(client, reference).signal(act.name, act), timeout_seconds)


async def not_running_error(engine: AsyncEngine, reference: str) -> NotRunningError | ActRefusedError:
    """Explain by the record why Temporal has no open workflow. Raises RecordUnreachableError."""
    state = await queries.read_state(engine, reference)
    if state is None:
        return NotRunningError(reference)
    try:
        state.refuse_if_closed()
    except RefusedError as refused:
        return ActRefusedError(refused.refusal)
    return NotRunningError(reference, is_lost=True)
