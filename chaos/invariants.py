"""What must be true of a complaint when it is quiet, whatever struck."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.client import WorkflowHistory
from temporalio.worker import Replayer

from chaos.accepted_acts import runs_of, start_of, told_in
from chaos.oracle import Violation, relive
from chaos.senders import OVER, Sender
from complaints.procedure.complaint import Complaint
from complaints.procedure.enums import EventKind
from complaints.procedure.state import Answer
from complaints.procedure.views.views import ComplaintHistory, story_of
from complaints.records import queries, tables
from complaints.temporal.client import DATA_CONVERTER
from complaints.temporal.search_attributes import attributes_of
from complaints.temporal.virtual_time import clock_of
from tests.workflows.complaint_driver import Case
from workflows.complaint import ComplaintWorkflow

AGREED_WITHIN = 15.0
"""Seconds after the last fault, until query, record and search attributes agree."""
HAPPENS_WITHIN = timedelta(seconds=3)
"""How late something that fell due may be, where everything runs."""
FAILS_WELL = (
    # Something came while a complaint continued as new or ended.
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
    # So many megabytes came during a task that the server could not keep them until its end.
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
)
"""By the server's own account, while nobody does anything wrong: the task is done once more, and knows what came."""
PROBLEMS = "TemporalReportedProblems"


async def check(sender: Sender) -> list[WorkflowHistory]:
    """The complaint's histories, for whoever replays them. Raises Violation."""
    case = sender.case
    due = await clock_of(case.client, case.reference) - HAPPENS_WITHIN
    story = await _agreed(case)
    if await clock_of(case.client, case.reference) < (last := story.events[-1]).at:
        raise Violation(f"happened early: {last}")
    if problems := [
        pair for pair in (await case.handle.describe()).typed_search_attributes if pair.key.name == PROBLEMS
    ]:
        raise Violation(f"Temporal reports problems: {problems}")
    runs = await runs_of(case.client, case.reference)
    no_task_failed(runs)
    recorded = await queries.events(case.engine, case.reference)
    upto = [event for event in recorded.values() if event.sequence <= story.sequence]
    told = told_in(runs)
    lived = relive(start_of(runs), told, upto)
    _equal("what happened", story_of(lived).events, story.events)
    _equal("where it stands", story_of(lived), story)
    _equal("the events' details", [e.model_copy(update={"free_text": {}}) for e in lived.state.events], upto)
    if (following := lived.next_due()) and following.at < due:
        raise Violation(f"missing: {following.summary} at {following.at}, and it was {due} already")
    await _record_is_whole(case.engine, lived)
    _answers_hold(sender, lived)
    taken = Counter(each.name for each in told if not each.act)
    if lost := sender.poisons - taken:
        raise Violation(f"signals were lost: {lost}")
    return runs


async def replay(runs: Sequence[WorkflowHistory]) -> None:
    """Raises Violation where a history would now go differently."""
    replayer = Replayer(workflows=[ComplaintWorkflow], data_converter=DATA_CONVERTER)
    for run in runs:
        if failure := (await replayer.replay_workflow(run, raise_on_replay_failure=False)).replay_failure:
            raise Violation(f"{run.workflow_id} {run.run_id} does not replay: {failure}")


async def _agreed(case: Case) -> ComplaintHistory:
    """Query, record and search attributes, at one moment: things go on happening by themselves."""
    patience = asyncio.get_running_loop().time() + AGREED_WITHIN
    while True:
        try:
            async with asyncio.timeout(AGREED_WITHIN):
                return await case.agree()
        except (AssertionError, TimeoutError) as error:
            if asyncio.get_running_loop().time() > patience:
                raise Violation(await _disagreement(case)) from error
            await asyncio.sleep(0.05)


async def _disagreement(case: Case) -> str:
    story, recorded = await case.story(), await queries.complaint_history(case.engine, case.reference)
    found = await case.handle.describe()
    unlike = [name for name in ComplaintHistory.model_fields if getattr(recorded, name, None) != getattr(story, name)]
    pending = [activity.attempt for activity in found.raw_description.pending_activities]
    return (
        f"query and record differ in {unlike}: {[(getattr(story, n), getattr(recorded, n, None)) for n in unlike[:3]]};"
        f" search attributes {list(found.typed_search_attributes)}, of the query {list(attributes_of(story))};"
        f" {found.status}, activities pending: {pending}"
    )


def no_task_failed(runs: Sequence[WorkflowHistory]) -> None:
    for run in runs:
        for event in run.events:
            failed = event.workflow_task_failed_event_attributes
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED and failed.cause not in FAILS_WELL:
                cause = WorkflowTaskFailedCause.Name(failed.cause)
                raise Violation(f"a workflow task failed: event {event.event_id}, {cause}: {failed.failure.message}")


async def _record_is_whole(engine: AsyncEngine, lived: Complaint) -> None:
    """People's words, letters, alerts, deadlines and undertakings: each that is owed, and no other."""
    reference, state = lived.state.reference, lived.state
    _equal(
        "free_text",
        {e.sequence: e.free_text for e in state.events if e.free_text},
        await queries.free_text(engine, reference),
    )
    letters = [e.sequence for e in state.events if e.kind == EventKind.LETTER]
    _equal("letters", letters, await _numbers(engine, tables.letters.c.sequence, reference, state.sequence))
    alerts = [e.sequence for e in state.events if e.kind in tables.ALERTS]
    _equal("alerts", alerts, await _numbers(engine, tables.alerts.c.sequence, reference, state.sequence))
    for column, parts in (
        (tables.deadlines.c.number, state.deadlines),
        (tables.undertakings.c.number, state.undertakings),
    ):
        numbers = await _numbers(engine, column, reference)
        _equal(column.table.name, [part.number for part in parts], numbers[: len(parts)])


async def _numbers(engine: AsyncEngine, column: Any, reference: str, upto: int | None = None) -> list[int]:
    wanted = select(column).where(column.table.c.reference == reference).order_by(column)
    async with engine.connect() as connection:
        found = (await connection.execute(wanted)).scalars().all()
    return [number for number in found if upto is None or number <= upto]


def _answers_hold(sender: Sender, lived: Complaint) -> None:
    """Whoever was told `done` finds it done, and everybody was told the same; a refused act changed nothing."""
    for sent in sender.sent:
        kept = lived.state.answers.get(sent.act.id)
        if OVER in sent.answers:
            continue
        for answer in sent.answers:
            if isinstance(answer, Answer):
                _equal(f"the answer to {sent.act}", kept, answer)
        refusals = {answer for answer in sent.answers if isinstance(answer, str)}
        if sent.is_signalled and kept is None:
            raise Violation(f"a signal was lost: {sent.act}")
        if kept is not None and kept.code != "done" and len(refusals) == len(sent.answers) and refusals:
            _equal(f"the refusal of {sent.act}", {kept.code}, refusals)


def _equal(what: str, expected: object, found: object) -> None:
    if expected == found:
        return
    if isinstance(expected, list) and isinstance(found, list):
        pairs = [(a, b) for a, b in zip(expected, found, strict=False) if a != b]
        if pairs:
            raise Violation(
                f"{what} ({len(expected)} expected, {len(found)} found): expected {pairs[0][0]}, is {pairs[0][1]}"
            )
        rest = expected[len(found) :] or found[len(expected) :]
        raise Violation(f"{what}: {len(expected)} expected, {len(found)} found; differs by {rest[0]}")
    raise Violation(f"{what}: expected {expected}, is {found}")
