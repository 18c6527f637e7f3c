"""Read from Temporal's history the signals and updates that a complaint accepted, in order."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from temporalio.api.common.v1 import Payload
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.client import Client, WorkflowHistory

from complaints.procedure.acts import ACTS, Act
from complaints.procedure.state import Start
from complaints.temporal.client import DATA_CONVERTER
from workflows.input import ComplaintInput

ACT_TYPES = {act.name: act for act in ACTS}


class AcceptedAct(NamedTuple):
    name: str
    act: Act | None
    """None: it could not be read as an act."""
    at: datetime
    """When Temporal accepted it."""


async def runs_of(client: Client, reference: str) -> list[WorkflowHistory]:
    """Fetch the histories of a complaint, from its first run to its last."""
    runs = [await client.get_workflow_handle(reference).fetch_history()]
    while before := _started(runs[0]).workflow_execution_started_event_attributes.continued_execution_run_id:
        runs.insert(0, await client.get_workflow_handle(reference, run_id=before).fetch_history())
    return runs


def start_of(runs: Sequence[WorkflowHistory]) -> Start:
    (payload,) = _started(runs[0]).workflow_execution_started_event_attributes.input.payloads
    workflow_input = DATA_CONVERTER.payload_converter.from_payload(payload, ComplaintInput)
    assert workflow_input.start
    return workflow_input.start


def accepted_acts(runs: Sequence[WorkflowHistory]) -> list[AcceptedAct]:
    return [
        act for run in runs for _, act in sorted(filter(None, map(_accepted, run.events)), key=lambda pair: pair[0])
    ]


def _accepted(event: HistoryEvent) -> tuple[tuple[int, int], AcceptedAct] | None:
    """Return the act with its place: an update follows the last event that its worker knew of."""
    at = event.event_time.ToDatetime(UTC)
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED:
        signal = event.workflow_execution_signaled_event_attributes
        return (event.event_id, 0), AcceptedAct(
            signal.signal_name, _read(signal.signal_name, list(signal.input.payloads)), at
        )
    if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
        accepted = event.workflow_execution_update_accepted_event_attributes
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
        act = DATA_CONVERTER.payload_converter.from_payload(payloads[0], act_type)
    except Exception:  # noqa: BLE001 (the payload may be anything)
        return None
    return act if isinstance(act, Act) else None


def _started(run: WorkflowHistory) -> HistoryEvent:
    return run.events[0]
