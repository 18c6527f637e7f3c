"""Invariants of a complaint, checked when nothing is pending."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.api.enums.v1 import EventType, WorkflowTaskFailedCause
from temporalio.api.failure.v1 import Failure
from temporalio.client import Client, WorkflowHistory

from chaos.accepted_acts import fetch_chain
from chaos.oracle import Violation, simulate
from chaos.senders import ENDED, ActSender
from complaints.encryption.data_keys import KeysUnreachableError
from complaints.procedure.complaint import Complaint
from complaints.procedure.enums import EventKind
from complaints.procedure.state import Answer
from complaints.procedure.views.views import ComplaintHistory, complaint_history_of
from complaints.records import queries, tables
from complaints.temporal.search_attributes import attributes_of
from complaints.temporal.virtual_time import read_clock
from tests.workflows.complaint_driver import ComplaintDriver
from worker.replay.accepted_acts import AcceptedAct
from worker.replay.replayer import make_replayer
from workflows.complaint import ComplaintWorkflow

AGREEMENT_TIMEOUT_SECONDS = 120.0
"""After the last fault, until nothing is due and query, record and search attributes agree.

Long, as a busy machine is no violation. The scenarios and the benchmarks measure how quick it is.
"""
QUERY_TIMEOUT_SECONDS = 10.0
"""For the state of a complaint that violates an invariant."""
HARMLESS_CAUSES = (
    # An act arrived while a complaint continued as new or completed.
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_UNHANDLED_COMMAND,
    # More megabytes arrived during a task than the server keeps until its end.
    WorkflowTaskFailedCause.WORKFLOW_TASK_FAILED_CAUSE_FORCE_CLOSE_COMMAND,
)
"""Failures without a fault of the worker: the server repeats the task with the new events."""
TOO_SLOW, REPLAYS = "[TMPRL1101]", 3
"""The library gives up a replay whose task computes for two seconds, as it may on a busy machine. Try it again."""
REPORTED_PROBLEMS = "TemporalReportedProblems"


async def check(sender: ActSender, patience: float = AGREEMENT_TIMEOUT_SECONDS) -> list[WorkflowHistory]:
    """Check every invariant, and return the complaint's histories. Raises Violation.

    `patience`: for so many seconds, the complaint may still be busy.
    """
    driver = sender.driver
    due = await read_clock(driver.client, driver.reference)
    history = await _wait_for_agreement(driver, due, patience)
    if await read_clock(driver.client, driver.reference) < (last := history.events[-1]).at:
        raise Violation(f"happened early: {last}")
    if problems := [
        pair for pair in (await driver.handle.describe()).typed_search_attributes if pair.key.name == REPORTED_PROBLEMS
    ]:
        raise Violation(f"Temporal reports problems: {problems}")
    chain = await fetch_chain(driver.client, driver.reference)
    chains = [*sender.ended, chain]
    runs = [run for each in chains for run in each.runs]
    check_no_task_failed(runs)
    recorded = await queries.read_events(driver.engine, driver.reference)
    upto = [event for event in recorded.values() if event.sequence <= history.sequence]
    _equal("events recorded before a fault", sender.recorded, upto[: len(sender.recorded)])
    free_text = await queries.read_free_text(driver.engine, driver.reference)
    recorded_with_text = [e.model_copy(update={"free_text": free_text.get(e.sequence, {})}) for e in upto]
    start, accepted = chains[0].start, [each.acts for each in chains]
    simulated = simulate(start, accepted, recorded_with_text).complaint
    _equal("events", complaint_history_of(simulated).events, history.events)
    _equal("view", complaint_history_of(simulated), history)
    _equal("details of events", [e.model_copy(update={"free_text": {}}) for e in simulated.state.events], upto)
    if (following := simulated.next_due()) and following.at < due:
        raise Violation(f"missing: {following.summary} at {following.at}, and it was {due} already")
    await _check_record(driver.engine, simulated)
    lost = [
        simulate(start, accepted[: number + 1], recorded_with_text[: each.recorded]).lost
        for number, each in enumerate(sender.ended)
    ]
    _check_answers(sender, simulated, lost)
    unreadable = Counter(each.name for chain in accepted for each in chain.acts if not each.act)
    if missing := sender.malformed - unreadable:
        raise Violation(f"signals were lost: {missing}")
    return runs


async def replay(client: Client, runs: Sequence[WorkflowHistory]) -> None:
    """Replay each history. Raises Violation if one is not deterministic."""
    replayer = make_replayer(ComplaintWorkflow, client=client)
    for run in runs:
        for attempt in range(REPLAYS):
            failure = (await replayer.replay_workflow(run, raise_on_replay_failure=False)).replay_failure
            if not failure:
                break
            if TOO_SLOW not in str(failure) or attempt == REPLAYS - 1:
                raise Violation(f"{run.workflow_id} {run.run_id} does not replay: {failure}")


async def _wait_for_agreement(driver: ComplaintDriver, due: datetime, patience: float) -> ComplaintHistory:
    """Wait until query, record and search attributes agree.

    Everything until `due` must have happened.
    """
    ends_at = asyncio.get_running_loop().time() + patience
    while True:
        is_late = asyncio.get_running_loop().time() > ends_at
        try:
            async with asyncio.timeout(patience):
                history = await driver.check_agreement()
        except (AssertionError, TimeoutError) as error:
            if is_late:
                raise Violation(await _disagreement(driver)) from error
        else:
            if is_late or history.next_due_at is None or history.next_due_at >= due:
                return history
        await asyncio.sleep(0.05)


async def _disagreement(driver: ComplaintDriver) -> str:
    found = await driver.handle.describe()
    try:
        async with asyncio.timeout(QUERY_TIMEOUT_SECONDS):
            history = await driver.query_history()
    except TimeoutError:
        return f"no worker answers a query; {found.status}"
    recorded = await queries.read_history(driver.engine, driver.reference)
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
            is_harmless = failed.cause in HARMLESS_CAUSES or _lacked_keys(failed.failure)
            if event.event_type == EventType.EVENT_TYPE_WORKFLOW_TASK_FAILED and not is_harmless:
                cause = WorkflowTaskFailedCause.Name(failed.cause)
                raise Violation(f"a workflow task failed: event {event.event_id}, {cause}: {failed.failure.message}")


def _lacked_keys(failure: Failure) -> bool:
    """Return whether the key store was out of reach; the task is then done again."""
    return failure.application_failure_info.type == KeysUnreachableError.__name__


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


def _check_answers(sender: ActSender, simulated: Complaint, lost: Sequence[Sequence[AcceptedAct]]) -> None:
    """Check that answers to an act agree with each other and with the state.

    `lost` are the acts that were lost with each chain that ended. Their answers until then do not count.
    """
    for sent in sender.sent:
        kept = simulated.state.answers.get(sent.act.id)
        first = 0
        for number, chain in enumerate(sender.ended):
            if any(each.act and each.act.id == sent.act.id for each in lost[number]):
                first = number + 1
                if not chain.is_replaced and any(given.chain < first for given in sent.answers):
                    raise Violation(f"answered, and lost when its workflow was terminated: {sent.act}")
        answers = [given.answer for given in sent.answers if given.chain >= first]
        if ENDED in answers:
            continue
        for answer in answers:
            if isinstance(answer, Answer):
                _equal(f"the answer to {sent.act}", kept, answer)
        refusals = {answer for answer in answers if isinstance(answer, str)}
        was_done = any(isinstance(given.answer, Answer) for given in sent.answers)
        is_lost = kept is None and (sent.is_signalled or (first > 0 and was_done))
        if is_lost and not (sent.is_given_again and refusals):
            raise Violation(f"an accepted act was lost: {sent.act}")
        if kept is not None and kept.code != "done" and len(refusals) == len(answers) and refusals:
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
