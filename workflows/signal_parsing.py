"""Reads what comes as a signal: an act, or why it is none. Never raises, for that would wedge the workflow."""

from collections.abc import Sequence
from dataclasses import dataclass

from temporalio import workflow
from temporalio.common import RawValue

with workflow.unsafe.imports_passed_through():
    from pydantic import ValidationError

    from complaints.procedure.acts import ACTS, Act
    from complaints.procedure.enums import Code
    from complaints.procedure.validation_messages import validation_errors

BY_NAME = {act.name: act for act in ACTS}
NAME_SHOWN = 100
SENTENCE_SHOWN = 300


@dataclass(frozen=True)
class Unreadable:
    """A signal that is no act."""

    name: str
    code: Code
    sentence: str


CANCELLATION = Unreadable(
    "cancel", Code.UNKNOWN_ACT, "a complaint is not cancelled; it is withdrawn, or closed in error by a lead."
)


def read_signal(name: str, args: Sequence[RawValue]) -> Act | Unreadable:
    act_type = BY_NAME.get(name)
    if act_type is None:
        return Unreadable(
            name[:NAME_SHOWN], Code.UNKNOWN_ACT, f"there is no such act; give one of {', '.join(BY_NAME)}."
        )
    if len(args) != 1:
        return Unreadable(name, Code.UNREADABLE, f"give the act as one argument, not {len(args)}.")
    try:
        act = workflow.payload_converter().from_payload(args[0].payload, act_type)
    except ValidationError as error:
        return Unreadable(name, Code.UNREADABLE, "; ".join(validation_errors(error, for_sender=False))[:SENTENCE_SHOWN])
    except Exception as error:  # noqa: BLE001 (whatever a stranger sends, the complaint goes on)
        return Unreadable(name, Code.UNREADABLE, f"not JSON of the act's form ({type(error).__name__}).")
    if not isinstance(act, Act):  # a null is decoded to None, whatever was asked for
        return Unreadable(name, Code.UNREADABLE, "give the act as one argument, not null.")
    return act
