"""Invariants of a complaint, checked when nothing is pending."""

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

from chaos.accepted_acts import accepted_acts, runs_of, start_of
from chaos.oracle import Violation, simulate
from chaos.senders import ENDED, ActSender
from complaints.procedure.complaint import Complaint
from complaints.procedure.enums import EventKind
from complaints.procedure.state import Answer
from complaints.procedure.views.views import ComplaintHistory, complaint_history_of
from complaints.records import queries, tables
from complaints.temporal.client import DATA_CONVERTER
from complaints.temporal.search_attributes import attributes_of
from complaints.temporal.virtual_time import read_clock
from tests.workflows.complaint_driver import ComplaintDriver
from workflows.complaint import ComplaintWorkflow

AGREEMENT_TIMEOUT_SECONDS = 15.0
"""After the last fault, until query, record and search attributes agree."""
MAX_LATENESS = timedelta(seconds=3)
"""The longest delay of a scheduled event while everything runs."""
HARMLESS_CAUSES = (
    # An act arrived while a complaint continued as new or completed.
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
    # More megabytes arrived during a task than the server keeps until its end.
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
)
"""Failures without a fault of the worker: the server repeats the task with the new events."""
REPORTED_PROBLEMS = "TemporalReportedProblems"


async def check(sender: ActSender) -> list[WorkflowHistory]:
    """Check every invariant, and return the complaint's histories. Raises Violation."""
    driver = sender.driver
    due = await read_clock(driver.client, driver.reference) - MAX_LATENESS
    history = await _wait_for_agreement(driver)
    if await read_clock(driver.client, driver.reference) < (last := history.events[-1]).at:
        raise Violation(f"happened early: {last}")
    if problems := [
        pair for pair in (await driver.handle.describe()).typed_search_attributes if pair.key.name == REPORTED_PROBLEMS
    ]:
        raise Violation(f"Temporal reports problems: {problems}")
    runs = await runs_of(driver.client, driver.reference)
    check_no_task_failed(runs)
    recorded = await queries.read_events(driver.engine, driver.reference)
    upto = [event for event in recorded.values() if event.sequence <= history.sequence]
    accepted = accepted_acts(runs)
    free_text = await queries.read_free_text(driver.engine, driver.reference)
    recorded_with_text = [e.model_copy(update={"free_text": free_text.get(e.sequence, {})}) for e in upto]
    simulated = simulate(start_of(runs), accepted, recorded_with_text)
    _equal("events", complaint_history_of(simulated).events, history.events)
    _equal("view", complaint_history_of(simulated), history)
    _equal("details of events", [e.model_copy(update={"free_text": {}}) for e in simulated.state.events], upto)
    if (following := simulated.next_due()) and following.at < due:
        raise Violation(f"missing: {following.summary} at {following.at}, and it was {due} already")
    await _check_record(driver.engine, simulated)
    _check_answers(sender, simulated)
    unreadable = Counter(each.name for each in accepted if not each.act)
    if lost := sender.malformed - unreadable:
        raise Violation(f"signals were lost: {lost}")
    return runs


async def replay(runs: Sequence[WorkflowHistory]) -> None:
    """Replay each history. Raises Violation if one is not deterministic."""
    replayer = Replayer(workflows=[ComplaintWorkflow], data_converter=DATA_CONVERTER)
    for run in runs:
        if failure := (await replayer.replay_workflow(run, raise_on_replay_failure=False)).replay_failure:
            raise Violation(f"{run.workflow_id} {run.run_id} does not replay: {failure}")


async def _wait_for_agreement(driver: ComplaintDriver) -> ComplaintHistory:
    """Wait until query, record and search attributes agree at one moment."""
    patience = asyncio.get_running_loop().time() + AGREEMENT_TIMEOUT_SECONDS
    while True:
        try:
            async with asyncio.timeout(AGREEMENT_TIMEOUT_SECONDS):
                return await driver.check_agreement()
        except (AssertionError, TimeoutError) as error:
            if asyncio.get_running_loop().time() > patience:
                raise Violation(await _disagreement(driver)) from error
            await asyncio.sleep(0.05)


async def _disagreement(driver: ComplaintDriver) -> str:
    history, recorded = await driver.query_history(), await queries.read_history(driver.engine, driver.reference)
    found = await driver.handle.describe()
    differing = [
        name for name in ComplaintHistory.model_fields if getattr(recorded, name, None) != getattr(history, name)
    ]
    values = [(getattr(history, name), getattr(recorded, name, None)) for name in differing[:3]]
    pending = [activity.attempt for activity in found.raw_description.pending_activities]
    return (
        f"query and record differ in {differing}: {values};"
        f" search attributes {list(found.typed_search_attributes)}, of the query {list(attributes_of(history))};"
        f" {found.status}, activities pending: {pending}"
    )


def check_no_task_failed(runs: Sequence[WorkflowHistory]) -> None:
    for run in runs:
        for event in run.events:
            failed = event.workflow_task_failed_event_attributes
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED and failed.cause not in HARMLESS_CAUSES:
                cause = WorkflowTaskFailedCause.Name(failed.cause)
                raise Violation(f"a workflow task failed: event {event.event_id}, {cause}: {failed.failure.message}")


async def _check_record(engine: AsyncEngine, simulated: Complaint) -> None:
    """Check that the record has each text, letter, alert, deadline and undertaking once."""
    reference, state = simulated.state.reference, simulated.state
    _equal(
        "free_text",
        {e.sequence: e.free_text for e in state.events if e.free_text},
        await queries.read_free_text(engine, reference),
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


def _check_answers(sender: ActSender, simulated: Complaint) -> None:
    """Check that answers to an act agree with each other and with the state."""
    for sent in sender.sent:
        kept = simulated.state.answers.get(sent.act.id)
        if ENDED in sent.answers:
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
