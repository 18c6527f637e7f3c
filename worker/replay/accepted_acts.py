"""Read from Temporal's history the signals and updates that a complaint accepted, in order."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import WorkflowHistory

from complaints.procedure.acts import ACTS, Act
from complaints.procedure.answers import Answers
from complaints.temporal.client import CODEC, DATA_CONVERTER

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


def accepted_acts(runs: Sequence[WorkflowHistory]) -> list[AcceptedAct]:
    """List the acts of runs, which are given from the first to the last."""
    return [
        act for run in runs for _, act in sorted(filter(None, map(_accepted, run.events)), key=lambda pair: pair[0])
    ]


def acts_without_answer(runs: Iterable[WorkflowHistory], answers: Answers) -> list[AcceptedAct]:
    """List the acts of runs, newest run first, to which `answers` has no answer; each once."""
    found: dict[str, AcceptedAct] = {}
    for accepted in accepted_acts([*runs][::-1]):
        act = accepted.act
        if act and (act.id not in answers or answers.has_other_content(act)):
            found.setdefault(f"{act.id} {act.content_digest}", accepted)
    return list(found.values())


def _accepted(event: HistoryEvent) -> tuple[tuple[int, int], AcceptedAct] | None:
    """Return the act with its place: an update follows the last event that its worker knew of."""
    at = event.event_time.ToDatetime(UTC)
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
        signal = event.workflow_execution_signaled_event_attributes
        return (event.event_id, 0), AcceptedAct(
            signal.signal_name, _read(signal.signal_name, list(signal.input.payloads)), at
        )
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ADMITTED:  # by a reset
        update = event.workflow_execution_update_admitted_event_attributes.request.input
        return (event.event_id, 0), AcceptedAct(update.name, _read(update.name, list(update.args.payloads)), at)
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
        accepted = event.workflow_execution_update_accepted_event_attributes
        if not accepted.HasField("accepted_request"):  # the event of its admission has it
            return None
        update = accepted.accepted_request.input
        place = (accepted.accepted_request_sequencing_event_id, event.event_id)
        return place, AcceptedAct(update.name, _read(update.name, list(update.args.payloads)), at)
    return None


def _read(name: str, payloads: Sequence[Payload]) -> Act | None:
    """Read an act as the workflow does; None if it is not one."""
    act_type = ACT_TYPES.get(name)
    if act_type is None or len(payloads) != 1:
        return None
    try:
        act = DATA_CONVERTER.payload_converter.from_payload(CODEC.decode_payload(payloads[0]), act_type)
    except Exception:  # noqa: BLE001 (the payload may be anything)
        return None
    return act if isinstance(act, Act) else None
