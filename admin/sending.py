"""Building an act from a command's options, and sending it: as an update that is answered, or as a signal."""

import uuid
from dataclasses import dataclass
from typing import Any, TypeVar

from complaints.records.reading import find
from pydantic import ValidationError
from temporalio.client import Client, WorkflowUpdateFailedError
from temporalio.exceptions import ApplicationError
from temporalio.service import RPCError

from admin.exits import CommandError, Exit, bad_input, refused
from admin.printing import print_answer, print_sent
from admin.reach import Reach, answered, handle_of, run
from complaints.clock import now
from complaints.procedure.acts import Act
from complaints.procedure.dates import written
from complaints.procedure.mistakes import mistakes_in
from complaints.procedure.state import Answer
from complaints.procedure.terms import Code

OPTION_OF = {"by": "as", "carry_out_by": "by", "concern": "N", "recommendation": "N", "undertaking": "N"}
"""Where an option's name is not its field's."""

A = TypeVar("A", bound=Act)


@dataclass(frozen=True)
class Sending:
    """What every act's command takes: the complaint, who acts, and how the act is sent."""

    reference: str
    by: str | None
    id: str | None
    signal: bool
    json: bool


def send(sending: Sending, act_type: type[A], **fields: Any) -> None:
    """Build the act, send it, print the answer. Raises CommandError."""
    act = _build(sending, act_type, fields)
    run(_send(Reach.read(), sending, act))


def _build(sending: Sending, act_type: type[A], fields: dict[str, Any]) -> A:
    given = {name: value for name, value in fields.items() if value is not None and value != []}
    given |= {"id": sending.id or uuid.uuid4().hex}
    if sending.by:
        given["by"] = sending.by
    if sending.signal:
        given["made_at"] = now()
    try:
        return act_type.model_validate(given)
    except ValidationError as error:
        raise bad_input(*(_as_option(line) for line in mistakes_in(error))) from error


def _as_option(mistake: str) -> str:
    field, _, what = mistake.partition(": ")
    what = "is needed" if what == "Field required" else what
    name = OPTION_OF.get(field, field)
    return f"{name if name.isupper() else '--' + name.replace('_', '-')}: {what}"


async def _send(reach: Reach, sending: Sending, act: Act) -> None:
    client = await reach.temporal()
    handle = handle_of(client, sending.reference)
    hint = f"repeat it with --id {act.id}, or use --signal"
    try:
        if sending.signal:
            await answered(handle.signal(act.name, act), hint)
            print_sent(sending.reference, act, sending.json)
            return
        update = handle.execute_update(act.name, act, id=act.id, result_type=Answer)
        print_answer(await answered(update, hint), sending.json)
    except WorkflowUpdateFailedError as error:
        raise _as_refusal(error, sending.reference, act) from error
    except RPCError as error:
        raise await not_running(reach, client, sending.reference) from error


def _as_refusal(error: WorkflowUpdateFailedError, reference: str, act: Act) -> CommandError:
    cause = error.cause
    if isinstance(cause, ApplicationError) and cause.type in set(Code):
        return refused(str(cause.type), cause.message, id=act.id, reference=reference)
    return CommandError(Exit.FAILED, f"the complaint could not take it: {cause}")


async def not_running(reach: Reach, client: Client, reference: str) -> CommandError:
    """Temporal has no such open workflow: the record tells a complaint that closed long ago from an unknown one."""
    async with reach.record() as engine:
        known = await find(engine, reference)
    if known is None:
        return bad_input(f"REF: there is no complaint {reference}")
    if known.closed_at and known.closing_reason:
        reason = known.closing_reason.replace("_", " ")
        sentence = f"The complaint closed on {written(known.closed_at.date())}: {reason}."
        return refused(Code.CLOSED, sentence, reference=reference)
    return CommandError(
        Exit.FAILED, f"{reference} is open on the record, but Temporal ({client.namespace}) has no workflow for it"
    )
