"""Measure the recorded histories: events by transition, bytes, and the time of a replay."""

from collections.abc import AsyncIterator, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from time import perf_counter

from google.protobuf.message import Message
from temporalio.api.common.v1 import Payload, SearchAttributes
from temporalio.api.enums.v1 import EventType
from temporalio.api.history.v1 import HistoryEvent
from temporalio.api.sdk.v1 import UserMetadata
from temporalio.client import WorkflowHistory
from temporalio.converter import WorkflowSerializationContext

from complaints.encryption.converter import data_converter
from complaints.encryption.in_memory_keys import InMemoryKeys
from complaints.temporal.client import DEFAULT_NAMESPACE
from worker.replay.history_files import read_history
from worker.replay.replayer import make_replayer
from worker.replay.verify import HISTORIES
from workflows.complaint import ComplaintWorkflow

OF_VIRTUAL_TIME = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_OPTIONS_UPDATED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_TIME_SKIPPING_TRANSITIONED,
)
"""Event types that occur only where virtual time was advanced."""
INPUT_EVENTS = (
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED,
    EventType.EVENT_TYPE_WORKFLOW_EXECUTION_SIGNALED,
)
TASK = EventType.EVENT_TYPE_WORKFLOW_TASK_SCHEDULED


@dataclass(frozen=True)
class Weight:
    """The size of one history."""

    title: str
    events: int
    transitions: int
    most: int
    """The most events in one transition."""
    replay: float
    """Seconds."""
    kilobytes: float
    """As Temporal has it: 1,000 bytes, its payloads as the client encodes them."""


def stories() -> list[Path]:
    return sorted(HISTORIES.glob("story-*.jsonl"))


async def weigh(files: list[Path], replays: int) -> list[Weight]:
    """Measure histories; each file holds one whole complaint."""
    histories = [read_history(file) for file in files]
    taken: list[list[float]] = [[] for _ in histories]
    for _ in range(replays):
        for times, seconds in zip(taken, await _replay(histories), strict=True):
            times.append(seconds)
    weights = []
    for history, times in zip(histories, taken, strict=True):
        sizes = transitions(history)
        title = history.name.removeprefix("story-").replace("-", " ")
        kilobytes = await stored_bytes(history) / 1_000
        weights.append(Weight(title, sum(sizes), len(sizes), max(sizes), median(times), kilobytes))
    return weights


async def stored_bytes(history: WorkflowHistory) -> int:
    """Count the bytes of a history's events, as the server that stores them does.

    The recorded files have payloads decoded.
    """
    converter, size = data_converter(InMemoryKeys(), DEFAULT_NAMESPACE), 0
    context = WorkflowSerializationContext(namespace=DEFAULT_NAMESPACE, workflow_id=history.workflow_id)
    codec = converter.with_context(context).payload_codec
    for event in history.events:
        if event.event_type in OF_VIRTUAL_TIME:
            continue
        stored = HistoryEvent()
        stored.CopyFrom(event)
        if codec:
            for payload in list(_payloads(stored)):
                [encoded] = await codec.encode([payload])
                payload.CopyFrom(encoded)
        size += stored.ByteSize()
    return size


def _payloads(message: Message) -> Iterator[Payload]:
    """Yield the payloads of an event, however deep, but for those that are not encrypted."""
    if isinstance(message, Payload):
        yield message
        return
    if isinstance(message, SearchAttributes | UserMetadata):
        return
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        is_map = field.message_type.GetOptions().map_entry
        for part in value.values() if is_map else value if field.is_repeated else (value,):
            if isinstance(part, Message):
                yield from _payloads(part)


def transitions(history: WorkflowHistory) -> list[int]:
    """Count the events of each transition.

    A transition is the opening, an act, or a scheduled event. It begins with the event that causes it (for an
    update: its workflow task) and ends where the next one begins.
    """
    sizes: list[int] = []
    events = [event for event in history.events if event.event_type not in OF_VIRTUAL_TIME]
    for place, event in enumerate(events):
        if event.event_type == EventType.EVENT_TYPE_WORKFLOW_EXECUTION_UPDATE_ACCEPTED:
            before = _since_its_task(events, place)
            sizes[-1] -= before
            sizes.append(before + 1)
        elif not sizes or event.event_type in (*INPUT_EVENTS, EventType.EVENT_TYPE_TIMER_FIRED):
            sizes.append(1)
        else:
            sizes[-1] += 1
    return sizes


def _since_its_task(events: list[HistoryEvent], place: int) -> int:
    """Count the events from an update's workflow task to the update, the task's included.

    Returns None when the update is not the first in its task.
    """
    for before in range(1, place):
        kind = events[place - before].event_type
        if kind == TASK:
            return before
        if kind in INPUT_EVENTS:
            break
    return 0


async def _replay(histories: Sequence[WorkflowHistory]) -> list[float]:
    """Return the seconds that each replay took, as in `python -m worker verify`."""

    async def given() -> AsyncIterator[WorkflowHistory]:
        for history in histories:
            yield history

    replayer = make_replayer(ComplaintWorkflow)
    taken = []
    async with replayer.workflow_replay_iterator(given()) as results:
        begun = perf_counter()
        async for result in results:
            assert result.replay_failure is None, result.replay_failure
            taken.append(perf_counter() - begun)
            begun = perf_counter()
    return taken
