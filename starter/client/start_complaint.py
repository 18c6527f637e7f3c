"""Start the workflow of a complaint: a new one, or one that is revived from the record."""

from collections.abc import Sequence
from typing import Any

from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy

from complaints.procedure.complaint import Complaint
from complaints.procedure.enums import humanize_code
from complaints.procedure.state import ComplaintState
from complaints.procedure.views.views import ComplaintView, view_of
from complaints.records.restores.resumable_state import ResumableState
from complaints.temporal.search_attributes import attributes_of
from complaints.temporal.summaries import fit_summary
from workflows import names
from workflows.complaint import ComplaintWorkflow
from workflows.input import ComplaintInput, PendingAct, Revival


async def start_new(
    client: Client,
    given: ComplaintInput,
    state: ComplaintState,
    opened_by: str,
    task_queue: str,
    *,
    follows_foreign: bool = False,
) -> WorkflowHandle[ComplaintWorkflow, ComplaintView]:
    """Start a new complaint, whose state will be `state`.

    `follows_foreign`: after a workflow that a stranger started under this reference, and that has ended.
    Raises WorkflowAlreadyStartedError for a reference that Temporal knows, and RPCError.
    """
    reuse = WorkflowIDReusePolicy.ALLOW_DUPLICATE if follows_foreign else WorkflowIDReusePolicy.REJECT_DUPLICATE
    return await client.start_workflow(
        ComplaintWorkflow.run,
        given,
        id_conflict_policy=WorkflowIDConflictPolicy.FAIL,
        id_reuse_policy=reuse,
        **_arguments(state, opened_by, task_queue),
    )


async def start_from_record(
    client: Client,
    read: ResumableState,
    task_queue: str,
    *,
    replaces: str | None,
    agreed: int | None = None,
    pending: Sequence[PendingAct] = (),
    terminate: bool = False,
) -> WorkflowHandle[ComplaintWorkflow, ComplaintView]:
    """Start a complaint from its state on the record.

    `replaces`: the run before, if Temporal has it.
    `agreed`: the last event up to which that run was as on the record; None: to its end.
    `pending`: acts to apply first. `terminate`: end a running workflow in the same call.
    Raises RPCError; without `terminate` WorkflowAlreadyStartedError where one runs.
    """
    revival = Revival(
        recorded=read.recorded,
        replaces=replaces,
        agreed=read.recorded if agreed is None else agreed,
        pending=[*pending],
    )
    return await client.start_workflow(
        ComplaintWorkflow.run,
        ComplaintInput(resumed=read.state, revival=revival),
        id_conflict_policy=(
            WorkflowIDConflictPolicy.TERMINATE_EXISTING if terminate else WorkflowIDConflictPolicy.FAIL
        ),
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE,
        **_arguments(read.state, read.opened_by, task_queue),
    )


def _arguments(state: ComplaintState, opened_by: str, task_queue: str) -> dict[str, Any]:
    """Return the start's arguments that follow from the complaint."""
    aspects = humanize_code(", ".join(dict.fromkeys(state.aspects)))
    return {
        "id": state.reference,
        "task_queue": task_queue,
        "search_attributes": attributes_of(view_of(Complaint(state))),
        "memo": {names.FORM_DIGEST_MEMO: state.form_digest, names.OPENED_BY_MEMO: opened_by},
        "static_summary": fit_summary(f"{state.policy.title}: {aspects}"),
        "static_details": _details(state, opened_by),
    }


def _details(state: ComplaintState, opened_by: str) -> str:
    """Describe in Markdown what never changes, for Temporal's page. No personal data."""
    return "\n".join(
        [
            f"- Policy: {state.policy.id} {state.policy.version}",
            f"- Calendar: {state.calendar.version}",
            f"- Opened by: {opened_by}",
            f"- Everything that happened: `complaints show {state.reference}`",
            f"- Why each date is when it is: `complaints explain {state.reference}`",
        ]
    )
