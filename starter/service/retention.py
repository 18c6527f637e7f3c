"""List expired complaints; hold, anonymise and erase them."""

import asyncio
from contextlib import aclosing
from datetime import date
from http import HTTPStatus

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client, WorkflowFailureError
from temporalio.service import RPCError

from complaints.procedure.dates.calendar import zone
from complaints.procedure.dates.date_format import format_instant
from complaints.procedure.erasure_request import ErasureRequest
from complaints.procedure.field_types import Day, LongText, Reference
from complaints.procedure.policy import Policy
from complaints.procedure.state import ComplaintState
from complaints.records import queries
from complaints.records.erasure import find_tombstone, list_open_undertakings
from complaints.records.retention import ExpiredComplaint, add_hold, list_expired
from complaints.records.tombstone import Tombstone
from complaints.runtime.clock import now
from complaints.temporal.calls import NoAnswerError, call_with_timeout, query_workflow
from starter.api.auth.staff import StaffCaller
from starter.api.problems import ProblemError, unknown_complaint
from starter.client.start_run import RETENTION_ID, start_erasure, start_retention
from starter.service.access import may_read_words
from starter.service.describe_act import describe_complaint
from starter.service.models import AnswerModel, RequestModel
from workflows import names
from workflows.retention import RetentionProgress

POLL_SECONDS = 0.3


class ExpiredList(AnswerModel):
    """The complaints whose retention period has ended."""

    on: date
    """The day for which they are listed."""
    policy: str
    """The policy that sets the periods, with its version."""
    expired: list[ExpiredComplaint]


class RetentionState(AnswerModel):
    """How far the run is that anonymises expired complaints."""

    anonymised: int
    total: int | None
    """None: not counted yet."""
    is_finished: bool
    failure: str | None = None
    """Why it failed; None: it did not."""


class Hold(RequestModel):
    """Keep a complaint unchanged for longer than the policy says."""

    until: Day
    """The last day of the hold."""
    reason: LongText
    """Why it is kept."""


class Held(AnswerModel):
    """A hold."""

    reference: str
    until: date


class ErasurePreview(AnswerModel):
    """The complaint that would be erased."""

    lines: list[str]
    """For people. Without names for somebody who has no part in the complaint."""


class Erasure(RequestModel):
    """Erase a closed complaint."""

    reference: Reference
    """The complaint's reference once more, which confirms it."""
    reason: LongText
    """Why it is erased."""


async def read_expired(engine: AsyncEngine, policy: Policy, on: date | None) -> ExpiredList:
    """List what has expired on a day; None: today. Raises ProblemError, RecordUnreachableError."""
    if policy.retention is None:
        detail = f"{policy.title} does not say how long records are kept."
        raise ProblemError(HTTPStatus.CONFLICT, "no_retention", detail)
    day = on or now().astimezone(zone(policy.time_zone)).date()
    async with aclosing(list_expired(engine, policy, day)) as complaints:
        expired = [complaint async for complaint in complaints]
    return ExpiredList(on=day, policy=f"{policy.id} {policy.version}", expired=expired)


async def begin(client: Client, engine: AsyncEngine, task_queue: str, caller: StaffCaller) -> RetentionState:
    """Start a run, or join the one that runs. Raises NoAnswerError, RecordUnreachableError."""
    await call_with_timeout(start_retention(client, engine, task_queue, caller.id, now()))
    return RetentionState(anonymised=0, total=None, is_finished=False)


async def read_run(client: Client) -> RetentionState:
    """Ask the last run how far it is, a moment later, as clients ask in a loop.

    Raises ProblemError, NoAnswerError.
    """
    await asyncio.sleep(POLL_SECONDS)
    handle = client.get_workflow_handle(RETENTION_ID, result_type=int)
    try:
        description = await call_with_timeout(handle.describe())
        if description.close_time:
            done = await call_with_timeout(handle.result())
            return RetentionState(anonymised=done, total=done, is_finished=True)
        progress = await call_with_timeout(query_workflow(handle, names.PROGRESS_QUERY, RetentionProgress))
    except WorkflowFailureError as error:
        return RetentionState(anonymised=0, total=None, is_finished=True, failure=str(error.cause))
    except RPCError as error:  # NOT_FOUND
        raise ProblemError(HTTPStatus.NOT_FOUND, "no_run", "No run is known.") from error
    total = sum(progress.plan.anonymise.values()) if progress.plan else None
    return RetentionState(anonymised=progress.anonymised, total=total, is_finished=False)


async def hold(engine: AsyncEngine, policy: Policy, reference: str, request: Hold, caller: StaffCaller) -> Held:
    """Hold a complaint until a day. Raises ProblemError, RecordUnreachableError."""
    await _require_uninvolved(engine, reference, caller)
    if tombstone := await find_tombstone(engine, reference):
        asked_at = format_instant(tombstone.asked_at, zone(policy.time_zone))
        sentence = f"{reference} was {tombstone.kind} on {asked_at}."
        raise ProblemError(HTTPStatus.CONFLICT, f"already_{tombstone.kind}", sentence)
    await add_hold(engine, reference, request.until, now(), caller.id, request.reason)
    return Held(reference=reference, until=request.until)


async def preview_erasure(engine: AsyncEngine, reference: str, caller: StaffCaller) -> ErasurePreview:
    """Describe the complaint that would be erased. Raises ProblemError, RecordUnreachableError."""
    state = await _read_state(engine, reference)
    who, where, *needs = describe_complaint(state)
    is_reader = may_read_words(caller, await queries.read_readers(engine, reference) or ())
    lines = [who, where, *needs] if is_reader else [f"{reference}: {where}"]
    return ErasurePreview(lines=[*lines, "Its personal data, letters and workflow runs are erased for good."])


async def erase(
    client: Client, engine: AsyncEngine, task_queue: str, reference: str, request: Erasure, caller: StaffCaller
) -> Tombstone:
    """Erase a closed complaint, and return its tombstone.

    `done_at` None: no worker has finished it in time. Raises ProblemError, NoAnswerError, RecordUnreachableError.
    """
    if request.reference != reference:
        raise ProblemError(HTTPStatus.CONFLICT, "not_confirmed", f"reference: type {reference} to confirm.")
    await _require_uninvolved(engine, reference, caller)
    complaint = await queries.find_complaint(engine, reference)
    assert complaint, "it was read before"
    if complaint.closed_at is None or complaint.closing_reason is None:
        detail = f"{reference} is open: close it first, as withdrawn, resolved or opened in error."
        raise ProblemError(HTTPStatus.CONFLICT, "not_closed", detail)
    if undertakings := await list_open_undertakings(engine, reference):
        detail = f"{reference} has undertakings to be carried out first: {', '.join(map(str, undertakings))}."
        raise ProblemError(HTTPStatus.CONFLICT, "promises_open", detail)
    asked = ErasureRequest(
        reference=reference,
        asked_at=now(),
        by=caller.id,
        why=request.reason,
        closed_at=complaint.closed_at,
        closing_reason=complaint.closing_reason,
    )
    try:
        handle = await call_with_timeout(start_erasure(client, engine, task_queue, asked))
        if not await _is_erased(engine, reference):
            await call_with_timeout(handle.result())
    except NoAnswerError:
        if await find_tombstone(engine, reference) is None:
            raise
    tombstone = await find_tombstone(engine, reference)
    assert tombstone, "it was created before"
    return tombstone


async def _is_erased(engine: AsyncEngine, reference: str) -> bool:
    tombstone = await find_tombstone(engine, reference)
    return tombstone is not None and tombstone.done_at is not None


async def _read_state(engine: AsyncEngine, reference: str) -> ComplaintState:
    state = await queries.read_state(engine, reference)
    if state is None:
        raise unknown_complaint()
    return state


async def _require_uninvolved(engine: AsyncEngine, reference: str, caller: StaffCaller) -> None:
    """Require that the caller was not the complaint's case handler, and does not hold it (R11)."""
    state = await _read_state(engine, reference)
    if caller.id in (state.form.case.handler, state.holder):
        detail = "You were its case handler, or hold it; another lead or an administrator may do this."
        raise ProblemError(HTTPStatus.FORBIDDEN, "involved", detail)
