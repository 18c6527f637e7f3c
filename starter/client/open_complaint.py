"""Open a complaint from a form, once; the same form again finds it, also after it closed."""

import hashlib
import secrets  # noqa: TID251 - a salt that nobody guesses
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Protocol

from pydantic import BaseModel
from temporalio.client import Client, WorkflowExecutionDescription, WorkflowExecutionStatus, WorkflowHandle
from temporalio.exceptions import WorkflowAlreadyStartedError
from temporalio.service import RPCError

from complaints.calendars.amendments import AmendmentLookup
from complaints.calendars.builder import calendar_for
from complaints.encryption.data_keys import KeyDestroyedError
from complaints.procedure.complaint import Complaint
from complaints.procedure.enums import ClosingReason, Status
from complaints.procedure.form import Form
from complaints.procedure.policy import Policy
from complaints.procedure.state import Start
from complaints.procedure.steps.admission import form_errors
from complaints.procedure.validation_messages import InvalidFieldsError, parse_json
from complaints.procedure.views.views import ComplaintView
from complaints.temporal.calls import query_workflow
from complaints.temporal.search_attributes import STATUS
from starter.client.start_complaint import start_new
from workflows import names
from workflows.complaint import ComplaintWorkflow
from workflows.input import ComplaintInput

WORDS_SALT_BYTES = 16
"""Of the salt for digests of words: more than anybody can try."""


class Opened(BaseModel):
    """The answer to a form: its complaint is new, was open already, or has closed."""

    reference: str
    is_new: bool
    closed_at: datetime | None = None
    closing_reason: ClosingReason | None = None


class FormRefusedError(Exception):
    """The form cannot be accepted; `errors` has one line for each error, with its field."""

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
    """A complaint as `find` returns it."""

    @property
    def form_digest(self) -> str: ...
    @property
    def closed_at(self) -> datetime | None: ...
    @property
    def closing_reason(self) -> ClosingReason | None: ...


Find = Callable[[str], Awaitable[KnownComplaint | None]]
"""Looks up a reference on the record, which keeps complaints longer than Temporal does."""


def read_form(text: str | bytes) -> Form:
    """Read a form from JSON. Raises FormRefusedError with every error."""
    try:
        return parse_json(Form, text)
    except InvalidFieldsError as error:
        raise FormRefusedError(error.errors) from error


def digest_of(form: Form) -> str:
    """Digest a form: equal forms have equal digests, whatever the layout of their JSON.

    Fields at their default are left out, so that a new optional field keeps the digests of earlier forms.
    """
    return hashlib.sha256(form.model_dump_json(exclude_defaults=True).encode()).hexdigest()


async def open_complaint(
    client: Client,
    form: Form,
    *,
    policy: Policy,
    now: datetime,
    opened_by: str,
    find: Find,
    amended: AmendmentLookup,
    task_queue: str,
) -> Opened:
    """Start the complaint's workflow; when this returns, the complaint is durable.

    `find` looks up the reference on the record, and `amended` the amendments of the region's bank holidays.
    Raises FormRefusedError, ReferenceTakenError, KeysUnreachableError, and temporalio's RPCError when Temporal does not
    answer.
    """
    calendar = calendar_for(policy, form.received_at, now, await amended(policy.region))
    if errors := form_errors(form, policy, calendar, now):
        raise FormRefusedError(errors)
    digest = digest_of(form)
    if known := await find(form.reference):
        return _opened_before(form.reference, digest, known)
    start = Start(
        form=form,
        policy=policy,
        calendar=calendar,
        opened_by=opened_by,
        form_digest=digest,
        words_salt=secrets.token_urlsafe(WORDS_SALT_BYTES),
    )
    state = Complaint.open(start, now).state
    begin = partial(start_new, client, ComplaintInput(start=start), state, opened_by, task_queue)
    try:
        await begin()
    except KeyDestroyedError:
        raise ReferenceTakenError(form.reference) from None
    except WorkflowAlreadyStartedError:
        handle: WorkflowHandle[ComplaintWorkflow, ComplaintView] = client.get_workflow_handle_for(
            ComplaintWorkflow.run, form.reference
        )
        description = await handle.describe()
        if not await _is_foreign(description):
            return await _started_before(handle, description, digest)
        await _end(client, description)
        try:
            await begin(follows_foreign=True)
        except WorkflowAlreadyStartedError:  # by another request meanwhile
            return await _started_before(handle, await handle.describe(), digest)
    return Opened(reference=form.reference, is_new=True)


async def _is_foreign(description: WorkflowExecutionDescription) -> bool:
    """Return whether a stranger started the workflow.

    Each of ours has a memo that is encrypted with its complaint's key.
    """
    return not isinstance(await description.memo_value(names.FORM_DIGEST_MEMO, None), str)


async def _end(client: Client, description: WorkflowExecutionDescription) -> None:
    """Terminate a stranger's workflow if it runs, so that the reference is free."""
    if description.status is WorkflowExecutionStatus.RUNNING:
        handle = client.get_workflow_handle(description.id, run_id=description.run_id)
        with suppress(RPCError):  # it has ended meanwhile, or the start says why not
            await handle.terminate("no service of ours started it")


def _opened_before(reference: str, digest: str, known: KnownComplaint) -> Opened:
    if known.form_digest != digest:
        raise ReferenceTakenError(reference)
    return Opened(reference=reference, is_new=False, closed_at=known.closed_at, closing_reason=known.closing_reason)


async def _started_before(
    handle: WorkflowHandle[ComplaintWorkflow, ComplaintView], description: WorkflowExecutionDescription, digest: str
) -> Opened:
    """Answer from Temporal when the record is unavailable or lags."""
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
