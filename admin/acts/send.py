"""Send an act: as an update, which is answered, or as a signal."""

from temporalio.client import Client
from temporalio.service import RPCError

from admin.acts.build import ActCommandInput
from admin.acts.render import print_answer, print_sent
from admin.shared.complaints import not_running_error
from admin.shared.connections import Connections, call_workflow, command_errors, run
from admin.shared.context import CommandContext
from admin.shared.errors import CommandError, refused
from admin.shared.staff_names import suggest_staff
from complaints.formatting.command_hints import option_of
from complaints.procedure.acts import Act, Reassign
from complaints.procedure.enums import Code
from complaints.procedure.refusals import Refusal
from complaints.procedure.state import Answer
from complaints.temporal.virtual_time import UnknownComplaintError, read_clock
from starter.client.send_act import ActRefusedError, send_signal, send_update


def send(context: CommandContext, command_input: ActCommandInput, act: Act) -> None:
    """Send the act and print the answer. Raises CommandError, also for a refusal."""
    run(_send(Connections(context), command_input, act))


async def _send(connections: Connections, command_input: ActCommandInput, act: Act) -> None:
    client = await connections.temporal()
    reference = command_input.reference
    try:
        if command_input.signal:
            await _signal(client, reference, act)
            print_sent(reference, act, command_input.json)
        else:
            print_answer(await _update(client, reference, act), command_input.json)
    except ActRefusedError as error:
        raise await _refused(connections, reference, act, error.refusal) from error
    except (RPCError, UnknownComplaintError) as error:
        raise await not_running_error(connections, client, reference) from error


async def _signal(client: Client, reference: str, act: Act) -> None:
    hint = f"repeat it with --id {act.id}"
    # The complaint's own clock: on the local stack it may have been moved.
    made_at = await call_workflow(read_clock(client, reference), hint)
    sent = act.model_copy(update={"made_at": made_at})
    with command_errors(hint):
        await send_signal(client, reference, sent)


async def _update(client: Client, reference: str, act: Act) -> Answer:
    with command_errors(f"repeat it with --id {act.id}, or use --signal"):
        return await send_update(client, reference, act)


async def _refused(connections: Connections, reference: str, act: Act, refusal: Refusal) -> CommandError:
    sentence, hint = _by_option(act, refusal.sentence), None
    if refusal.code is Code.UNKNOWN_STAFF:
        option, staff = "--as", act.by
        if isinstance(act, Reassign) and refusal.sentence.startswith(f"{act.to} "):
            option, staff = "--to", act.to
        hint = await suggest_staff(connections, option, staff)
    return refused(refusal.code, sentence, hint, id=act.id, reference=reference)


def _by_option(act: Act, sentence: str) -> str:
    """Name the option in place of the field where a refusal is about one."""
    field, colon, rest = sentence.partition(": ")
    return f"{option_of(field)}: {rest}" if colon and field in type(act).model_fields else sentence
