"""Ask a complaint for its answer to an act."""

from temporalio.service import RPCError

from admin.acts.render import print_answer
from admin.shared.complaints import HINT, not_running_error
from admin.shared.connections import Connections, command_errors
from admin.shared.errors import CommandError, Exit, refused
from complaints.procedure.complaint import DONE
from complaints.temporal.calls import WorkflowEndedError
from starter.client.query_complaint import fetch_answer


async def print_answer_to(connections: Connections, reference: str, act_id: str, *, as_json: bool) -> None:
    """Print the answer. Raises CommandError, also where the act was refused or has not come."""
    client = await connections.temporal()
    try:
        with command_errors(HINT):
            answer = await fetch_answer(client, reference, act_id)
    except (RPCError, WorkflowEndedError) as error:
        raise await not_running_error(connections, client, reference) from error
    if answer is None:
        problem = f"ID: {reference} has no answer to {act_id}: the act has not come, or still waits"
        raise CommandError(Exit.FAILED, f"{problem}; ask again, or repeat the act with --id {act_id}")
    if answer.code != DONE:
        raise refused(answer.code, answer.sentence, id=act_id, reference=reference)
    print_answer(answer, (), as_json)
