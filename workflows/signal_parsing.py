"""Parse a signal into an act, or into the reason why it is none.

Never raise: an exception would block the workflow.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from temporalio import workflow
from temporalio.common import RawValue

from complaints.encryption.foreign import is_foreign
from complaints.procedure.acts import ACTS, Act
from complaints.procedure.enums import Code
from complaints.procedure.validation_messages import repeated_fields, validation_errors

ACTS_BY_NAME = {act.name: act for act in ACTS}
MAX_NAME_CHARACTERS = 100
MAX_SENTENCE_CHARACTERS = 300

FOREIGN_SENTENCE = "no service of ours encrypted it for this complaint."
"""Of a signal that a stranger sent, or that is copied from another complaint."""


@dataclass(frozen=True)
class UnreadableSignal:
    """A signal that is no act, with the code and sentence of its refusal."""

    name: str
    code: Code
    sentence: str


CANCELLATION = UnreadableSignal(
    "cancel", Code.UNKNOWN_ACT, "a complaint cannot be cancelled; withdraw it, or let a lead close it in error."
)


def parse_signal(name: str, args: Sequence[RawValue]) -> Act | UnreadableSignal:
    act_type = ACTS_BY_NAME.get(name)
    if act_type is None:
        return UnreadableSignal(
            name[:MAX_NAME_CHARACTERS],
            Code.UNKNOWN_ACT,
            f"there is no such act; give one of {', '.join(ACTS_BY_NAME)}.",
        )
    if len(args) != 1:
        return UnreadableSignal(name, Code.UNREADABLE, f"give the act as one argument, not {len(args)}.")
    payload = args[0].payload
    if is_foreign(payload):
        return UnreadableSignal(name, Code.UNREADABLE, FOREIGN_SENTENCE)
    try:
        act = workflow.payload_converter().from_payload(payload, act_type)
    except ValidationError as error:
        return UnreadableSignal(
            name,
            Code.UNREADABLE,
            "; ".join(validation_errors(error, act_type, for_sender=False))[:MAX_SENTENCE_CHARACTERS],
        )
    except Exception as error:  # noqa: BLE001 (no signal may stop the complaint)
        return UnreadableSignal(name, Code.UNREADABLE, f"not JSON of the act's form ({type(error).__name__}).")
    if not isinstance(act, Act):  # null decodes to None for every type
        return UnreadableSignal(name, Code.UNREADABLE, "give the act as one argument, not null.")
    if repeated := "; ".join(repeated_fields(payload.data, act_type, for_sender=False)):
        return UnreadableSignal(name, Code.UNREADABLE, repeated[:MAX_SENTENCE_CHARACTERS])
    return act
