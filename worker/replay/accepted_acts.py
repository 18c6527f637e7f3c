"""Read from Temporal's history the signals and updates that a complaint accepted, in order."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory

from complaints.encryption.data_keys import KeyDestroyedError, KeysUnreachableError
from complaints.procedure.acts import ACTS, Act
from complaints.procedure.answers import Answers
from complaints.temporal.client import decode_payloads

ACT_TYPES = {act.name: act for act in ACTS}


class AcceptedAct(NamedTuple):
    name: str
    act: Act | None
    """None: it could not be read as an act."""
    at: datetime
    """When Temporal accepted it."""

    @property
    def act_id(self) -> str:
        """Return its act's id; "" if it is none."""
        return self.act.id if self.act else ""


async def accepted_acts(client: Client, runs: Sequence[WorkflowHistory]) -> list[AcceptedAct]:
    """List the acts of runs, which are given from the first to the last.

    Raises KeysUnreachableError, KeyDestroyedError.
    """
    acts = []
    for run in runs:
        messages = sorted(filter(None, map(_accepted, run.events)), key=lambda message: message.place)
        acts += [await _read(client, run.workflow_id, message) for message in messages]
    return acts


async def acts_without_answer(client: Client, runs: Iterable[WorkflowHistory], answers: Answers) -> list[AcceptedAct]:
    """List the acts of runs, newest run first, to which `answers` has no answer; each once."""
    found: dict[str, AcceptedAct] = {}
    for accepted in await accepted_acts(client, [*runs][::-1]):
        act = accepted.act
        if act and (act.id not in answers or answers.has_other_content(act)):
            found.setdefault(f"{act.id} {act.content_digest}", accepted)
    return list(found.values())


class _Message(NamedTuple):
    """A signal or an update."""

    place: tuple[int, int]
    """Its order: an update follows the last event that its worker knew of."""
    name: str
    payloads: Sequence[Payload]
    at: datetime


def _accepted(event: HistoryEvent) -> _Message | None:
    at = event.event_time.ToDatetime(UTC)
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
        signal = event.workflow_execution_signaled_event_attributes
        return _Message((event.event_id, 0), signal.signal_name, signal.input.payloads, at)
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ADMITTED:  # by a reset
        update = event.workflow_execution_update_admitted_event_attributes.request.input
        return _Message((event.event_id, 0), update.name, update.args.payloads, at)
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
        accepted = event.workflow_execution_update_accepted_event_attributes
        if not accepted.HasField("accepted_request"):  # the event of its admission has it
            return None
        update = accepted.accepted_request.input
        place = (accepted.accepted_request_sequencing_event_id, event.event_id)
        return _Message(place, update.name, update.args.payloads, at)
    return None


async def _read(client: Client, reference: str, message: _Message) -> AcceptedAct:
    """Read an act as the workflow does."""
    act_type, act = ACT_TYPES.get(message.name), None
    if act_type is not None and len(message.payloads) == 1:
        try:
            [act] = await decode_payloads(client, reference, message.payloads, [act_type])
        except (KeysUnreachableError, KeyDestroyedError):
            raise
        except Exception:  # noqa: BLE001 (the payload may be anything)
            act = None
    return AcceptedAct(message.name, act if isinstance(act, Act) else None, message.at)
