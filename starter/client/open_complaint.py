"""Intake: a form becomes a complaint, once; the same form again is the same complaint, also after it closed."""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Protocol

from pydantic import BaseModel, ValidationError
from temporalio.client import Client, WorkflowExecutionStatus, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.exceptions import WorkflowAlreadyStartedError

from complaints.calendars.amendments import Amended
from complaints.calendars.builder import calendar_for
from complaints.procedure.complaint import Complaint
from complaints.procedure.enums import ClosingReason, Status
from complaints.procedure.form import Form
from complaints.procedure.policy import Policy
from complaints.procedure.state import Start
from complaints.procedure.steps.admission import form_errors
from complaints.procedure.validation_messages import validation_errors
from complaints.procedure.views.views import ComplaintView, view_of
from complaints.temporal.calls import query_workflow
from complaints.temporal.search_attributes import STATUS, attributes_of
from workflows import names
from workflows.complaint import ComplaintWorkflow
from workflows.input import ComplaintInput


class Opened(BaseModel):
    """The answer to a form: its complaint is open, was open already, or has closed (then when and how)."""

    reference: str
    is_new: bool
    closed_at: datetime | None = None
    closing_reason: ClosingReason | None = None


class FormRefusedError(Exception):
    """A form that cannot be taken; `mistakes` has a line for each, with its field."""

    def __init__(self, errors: list[str]) -> None:
        super().__init__("\n".join(errors))
        self.errors = errors


class ReferenceTakenError(Exception):
    """Another form was opened under this reference."""

    def __init__(self, reference: str) -> None:
        super().__init__(
            f"reference: {reference} is taken by a complaint with another form; give a reference of its own"
        )


class KnownComplaint(Protocol):
    """What the record knows of a complaint."""

    @property
    def form_digest(self) -> str: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def closing_reason(self) -> ClosingReason | None: ...


Find = Callable[[str], Awaitable[KnownComplaint | None]]
"""Looks a reference up in the record, which remembers longer than Temporal does."""


def read_form(text: str | bytes) -> Form:
    """A form from JSON. Raises FormRefusedError with every mistake."""
    try:
        return Form.model_validate_json(text)
    except ValidationError as error:
        raise FormRefusedError(validation_errors(error)) from error


def digest_of(form: Form) -> str:
    """The same for the same form, however its JSON was laid out; also once forms have further optional fields."""
    return hashlib.sha256(form.model_dump_json(exclude_defaults=True).encode()).hexdigest()


async def open_complaint(
    client: Client,
    form: Form,
    *,
    policy: Policy,
    now: datetime,
    opened_by: str,
    find: Find,
    amended: Amended,
    task_queue: str,
) -> Opened:
    """Start the complaint's workflow; when this returns, the complaint is durable.

    `amended` tells what the policy's region's bank holidays lack.
    Raises FormRefusedError, ReferenceTakenError, and temporalio's RPCError when Temporal does not answer.
    """
    calendar = calendar_for(policy, form.received_at, now, await amended(policy.region))
    if errors := form_errors(form, policy, calendar, now):
        raise FormRefusedError(errors)
    digest = digest_of(form)
    if known := await find(form.reference):
        return _known(form.reference, digest, known)
    start = Start(form=form, policy=policy, calendar=calendar, opened_by=opened_by, form_digest=digest)
    first = view_of(Complaint.open(start, now))
    try:
        await client.start_workflow(
            ComplaintWorkflow.run,
            ComplaintInput(start=start),
            id=form.reference,
            task_queue=task_queue,
            id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
            id_reuse_policy=WorkflowIDReusePolicy.REJECT_DUPLICATE,
            search_attributes=attributes_of(first),
            memo={names.FORM_DIGEST_MEMO: digest},
            static_summary=f"{policy.title}: {', '.join(dict.fromkeys(first.aspects)).replace('_', ' ')}",
            static_details=_details(start),
        )
    except WorkflowAlreadyStartedError:
        return await _started(client.get_workflow_handle_for(ComplaintWorkflow.run, form.reference), digest)
    return Opened(reference=form.reference, is_new=True)


def _details(start: Start) -> str:
    """What does not change, for an operator in Temporal's web page; Markdown, nothing personal."""
    return "\n".join(
        [
            f"- Policy: {start.policy.id} {start.policy.version}",
            f"- Calendar: {start.calendar.version}",
            f"- Opened by: {start.opened_by}",
            f"- Everything that happened: `complaints show {start.form.reference}`",
            f"- Why each date is when it is: `complaints explain {start.form.reference}`",
        ]
    )


def _known(reference: str, digest: str, known: KnownComplaint) -> Opened:
    if known.form_digest != digest:
        raise ReferenceTakenError(reference)
    return Opened(reference=reference, is_new=False, closed_at=known.closed_at, closing_reason=known.closing_reason)


async def _started(handle: WorkflowHandle[ComplaintWorkflow, ComplaintView], digest: str) -> Opened:
    """What Temporal knows, where the record does not answer or is not so far yet."""
    description = await handle.describe()
    if await description.memo_value(names.FORM_DIGEST_MEMO, None) != digest:
        raise ReferenceTakenError(handle.id)
    view: ComplaintView | None = None
    if description.status is WorkflowExecutionStatus.COMPLETED:
        view = await handle.result()
    elif description.typed_search_attributes.get(STATUS) == Status.CLOSED:
        view = await query_workflow(handle, names.STATE_QUERY, ComplaintView)
    return Opened(
        reference=handle.id,
        is_new=False,
        closed_at=view and view.closed_at,
        closing_reason=view and view.closing_reason,
    )
