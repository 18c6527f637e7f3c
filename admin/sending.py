"""Sending an act: as an update that is answered, or as a signal."""

from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from admin.building import Given
from admin.exits import CommandError, Exit, bad_input, refused
from admin.finding import not_running
from admin.printing import print_answer, print_sent
from admin.reach import Reach, answered, handle_of, run
from admin.surroundings import Surroundings
from complaints.procedure.acts import Act
from complaints.procedure.state import Answer
from complaints.procedure.terms import Code
from complaints.virtual_time import UnknownComplaintError, clock_of


def send(surroundings: Surroundings, given: Given, act: Act) -> None:
    """Send the act, print the answer. Raises CommandError."""
    run(_send(Reach(surroundings), given, act))


async def _send(reach: Reach, given: Given, act: Act) -> None:
    client = await reach.temporal()
    try:
        if given.signal:
            await _signal(client, given.reference, act)
            print_sent(given.reference, act, given.json)
        else:
            print_answer(await _update(client, given.reference, act), given.json)
    except WorkflowUpdateFailedError as error:
        raise _as_refusal(error, given.reference, act) from error
    except (RPCError, UnknownComplaintError) as error:
        raise await not_running(reach, client, given.reference) from error


async def _signal(client: Client, reference: str, act: Act) -> None:
    """By the complaint's own clock, which on the local stack may have been moved."""
    hint = f"repeat it with --id {act.id}"
    made_at = await answered(clock_of(client, reference), hint)
    sent = act.model_copy(update={"made_at": made_at})
    await answered(handle_of(client, reference).signal(act.name, sent), hint)


async def _update(client: Client, reference: str, act: Act) -> Answer:
    update = handle_of(client, reference).execute_update(act.name, act, id=act.id, result_type=Answer)
    answer: Answer = await answered(update, f"repeat it with --id {act.id}, or use --signal")
    if answer.act != act.name:
        raise bad_input(f"--id: {act.id} was used already, for {answer.act}; give each act an id of its own")
    return answer


def _as_refusal(error: WorkflowUpdateFailedError, reference: str, act: Act) -> CommandError:
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type in set(Code):
        return refused(str(cause.type), cause.message, id=act.id, reference=reference)
    return CommandError(Exit.FAILED, f"the complaint could not take it: {cause}")
