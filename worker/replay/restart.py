"""Start a complaint's workflow again from the record, and say what the record does not have."""

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowHistory

from complaints.procedure.acts import Act
from complaints.procedure.answers import Answers
from complaints.procedure.complaint import Complaint
from complaints.records.restores.resumable_state import ResumableState, read_resumable_state
from starter.client.start_complaint import start_from_record
from worker.replay.accepted_acts import AcceptedAct, acts_without_answer
from worker.replay.fetch_histories import fetch_history
from workflows.input import PendingAct

MAX_PENDING_CHARACTERS = 500_000
"""Of the acts that a start carries, so that it stays within Temporal's limit for a payload."""


class NotStartableError(Exception):
    """The record does not have what a workflow needs; the message says why."""


class NothingToStartError(Exception):
    """The complaint closed for good, or was anonymised or erased: it needs no workflow."""


async def read_startable(engine: AsyncEngine, reference: str, now: datetime) -> ResumableState:
    """Read the state to start from.

    Raises NotStartableError, NothingToStartError, RecordUnreachableError.
    """
    read = await read_resumable_state(engine, reference)
    if read is None:
        raise NotStartableError("there is no such complaint on the record")
    if read.is_removed:
        raise NothingToStartError("it was anonymised or erased")
    retires_at = Complaint(read.state).retires_at()
    if retires_at and retires_at <= now:
        raise NothingToStartError(f"it closed for good on {retires_at:%-d %B %Y}")
    return read


class SortedActs(NamedTuple):
    """Acts that Temporal has and the record has not."""

    pending: list[PendingAct]
    """To apply first."""
    left: list[AcceptedAct]
    """More than fit into one start."""


def sort_acts(accepted: Sequence[AcceptedAct]) -> SortedActs:
    """Take as many acts as fit into a start."""
    pending: list[PendingAct] = []
    size = 0
    for number, each in enumerate(accepted):
        assert each.act, "acts that cannot be read are no acts"
        pending.append(PendingAct(name=each.name, fields=_sent(each).model_dump(mode="json", exclude_defaults=True)))
        size += len(pending[-1].model_dump_json())
        if size > MAX_PENDING_CHARACTERS:
            return SortedActs(pending[:-1], list(accepted[number:]))
    return SortedActs(pending, [])


async def replace_by_record(
    client: Client, read: ResumableState, task_queue: str, run_id: str, agreed: int, runs: Sequence[WorkflowHistory]
) -> list[AcceptedAct]:
    """End the running workflow and start it from the record, in one call.

    `run_id`: of the running workflow. `agreed`: the last event up to which Temporal was as the record.
    Returns the acts that it had taken since `runs` were fetched, newest run first, without an answer on the record.
    Raises RPCError.
    """
    await start_from_record(client, read, task_queue, replaces=run_id, agreed=agreed, terminate=True)
    known = {each.act.id for each in await acts_without_answer(client, runs, read.state.answers) if each.act}
    ended = await _runs_that_followed(client, runs[0].workflow_id, run_id)
    return [
        each
        for each in await acts_without_answer(client, ended, read.state.answers)
        if each.act and each.act.id not in known
    ]


async def _runs_that_followed(client: Client, reference: str, run_id: str | None) -> list[WorkflowHistory]:
    """Fetch a run again, and the runs as which it continued, newest first."""
    followed: list[WorkflowHistory] = []
    while run_id and (ended := await fetch_history(client, reference, run_id)):
        followed.insert(0, ended)
        run_id = ended.events[-1].workflow_execution_continued_as_new_event_attributes.new_execution_run_id or None
    return followed


def describe_lost_events(read: ResumableState) -> Iterator[str]:
    """Say what a burst, recorded in part, has lost."""
    if lost := read.lost_events:
        yield (
            f"events {lost[0]} to {lost[-1]} were never recorded, and Temporal has lost them: what they changed holds, "
            "but their letters are not owed, and an act among them would take effect again; see the complaint's state"
        )


def describe_acts(reference: str, accepted: Sequence[AcceptedAct], answers: Answers) -> Iterator[str]:
    """Yield for each act what it says, and the command that gives it again."""
    for each in accepted:
        act = each.act
        assert act
        taken = " (the record has another act under its id: change it)" if act.id in answers else ""
        text = _sent(each).model_dump_json(exclude_defaults=True)
        yield (
            f"only Temporal has `{each.name}` by {act.by} of {each.at:%-d %B %Y %H:%M:%S} UTC{taken}. "
            f"Drop it, or give it again: python -m worker give {shlex.quote(reference)} {each.name} {shlex.quote(text)}"
        )


def _sent(accepted: AcceptedAct) -> Act:
    """Return the act with the instant at which Temporal took it: its timeliness stays (R4)."""
    assert accepted.act
    return accepted.act.model_copy(update={"made_at": accepted.act.made_at or accepted.at})
