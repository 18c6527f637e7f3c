"""Give a complaint an act that only Temporal had, as a signal with its own instant.

Only a process with keys can. `python -m worker reconcile` and `revive` print the command.
"""

from temporalio.client import Client
from temporalio.service import RPCError, RPCStatusCode

from complaints.procedure.acts import ACTS
from complaints.procedure.validation_messages import InvalidFieldsError, parse_json
from starter.client.send_act import send_signal

ACTS_BY_NAME = {act.name: act for act in ACTS}


class NotGivenError(Exception):
    """The act was not given; the message says why."""


async def give_act(client: Client, reference: str, name: str, text: str) -> None:
    """Send the act. Raises NotGivenError, NoAnswerError."""
    act_type = ACTS_BY_NAME.get(name)
    if act_type is None:
        raise NotGivenError(f"ACT: there is no {name}; give one of {', '.join(ACTS_BY_NAME)}")
    try:
        await send_signal(client, reference, parse_json(act_type, text))
    except InvalidFieldsError as error:
        raise NotGivenError("\n".join(error.errors)) from error
    except RPCError as error:
        if error.status is not RPCStatusCode.NOT_FOUND:
            raise
        raise NotGivenError(f"REF: {reference} has no running workflow") from error
