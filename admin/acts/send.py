"""Sending an act: as an update that is answered, or as a signal."""

from temporalio.client import Client
from temporalio.service import RPCError

from admin.acts.build import ActCommandInput
from admin.acts.render import print_answer, print_sent
from admin.shared.complaints import not_running
from admin.shared.connections import Connections, call_workflow, run
from admin.shared.context import CommandContext
from admin.shared.errors import CommandError, Exit, bad_input, refused, unreachable
from complaints.procedure.acts import Act
from complaints.procedure.state import Answer
from complaints.temporal.calls import CannotAnswerError, NoAnswerError
from complaints.temporal.virtual_time import UnknownComplaintError, clock_of
from starter.client.send_act import ActRefusedError, IdTakenError, handle_of, update


def send(surroundings: CommandContext, given: ActCommandInput, act: Act) -> None:
    """Send the act, print the answer. Raises CommandError."""
    run(_send(Connections(surroundings), given, act))


async def _send(reach: Connections, given: ActCommandInput, act: Act) -> None:
    client = await reach.temporal()
    try:
        if given.signal:
            await _signal(client, given.reference, act)
            print_sent(given.reference, act, given.json)
        else:
            print_answer(await _update(client, given.reference, act), given.json)
    except (RPCError, UnknownComplaintError) as error:
        raise await not_running(reach, client, given.reference) from error


async def _signal(client: Client, reference: str, act: Act) -> None:
    """By the complaint's own clock, which on the local stack may have been moved."""
    hint = f"repeat it with --id {act.id}"
    made_at = await call_workflow(clock_of(client, reference), hint)
    sent = act.model_copy(update={"made_at": made_at})
    await call_workflow(handle_of(client, reference).signal(act.name, sent), hint)


async def _update(client: Client, reference: str, act: Act) -> Answer:
    try:
        return await update(client, reference, act)
    except ActRefusedError as error:
        refusal = error.refusal
        raise refused(refusal.code, refusal.sentence, id=act.id, reference=reference) from error
    except IdTakenError as error:
        raise bad_input(f"--id: {error}") from error
    except NoAnswerError as error:
        raise unreachable(f"{error}; repeat it with --id {act.id}, or use --signal") from error
    except CannotAnswerError as error:
        raise CommandError(Exit.FAILED, str(error)) from error
