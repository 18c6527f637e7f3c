"""An act goes to its complaint as an update, and is answered: by staff's script and by the intake service alike."""

from typing import Any

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowHandle, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError

from complaints.procedure.acts import Act
from complaints.procedure.enums import Code
from complaints.procedure.refusals import Refusal, Refused
from complaints.procedure.state import Answer
from complaints.records import queries
from complaints.temporal.calls import CannotAnswerError, call_with_timeout


class ActRefusedError(Exception):
    """The procedure refused it; nothing has changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal.sentence)
        self.refusal = refusal


class IdTakenError(Exception):
    """The act's id was used for another act before."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(f"{answer.id} was used already, for {answer.act}; give each act an id of its own")


class NotRunningError(Exception):
    """Neither open nor closed: there is no complaint of that reference, or, with `is_lost`, Temporal lost it."""

    def __init__(self, reference: str, *, is_lost: bool = False) -> None:
        super().__init__(reference)
        self.is_lost = is_lost


def handle_of(client: Client, reference: str) -> WorkflowHandle[Any, Any]:
    return client.get_workflow_handle(reference)


async def update(client: Client, reference: str, act: Act, within: float | None = None) -> Answer:
    """Raises ActRefusedError, IdTakenError, NoAnswerError, CannotAnswerError.

    NOT_FOUND, as temporalio's RPCError, means that Temporal has no open workflow of it: see `refuse_not_running`.
    """
    sent = handle_of(client, reference).execute_update(act.name, act, id=act.id, result_type=Answer)
    try:
        answer: Answer = await call_with_timeout(sent, within)
    except WorkflowUpdateFailedError as error:
        cause = error.cause
        if isinstance(cause, ApplicationError) and cause.type in set(Code):
            raise ActRefusedError(Refusal(code=Code(cause.type), sentence=cause.message)) from error
        raise CannotAnswerError(f"the complaint could not take it: {cause}") from error
    if answer.act != act.name:
        raise IdTakenError(answer)
    return answer


async def refuse_not_running(engine: AsyncEngine, reference: str) -> NotRunningError | ActRefusedError:
    """The record tells a complaint that closed long ago from an unknown one. Raises RecordUnreachableError."""
    state = await queries.state(engine, reference)
    if state is None:
        return NotRunningError(reference)
    try:
        state.refuse_if_closed()
    except Refused as it:
        return ActRefusedError(it.refusal)
    return NotRunningError(reference, is_lost=True)
