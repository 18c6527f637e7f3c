"""Reassign every complaint of a holder: one act for each, with an id of its own."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from temporalio.client import Client
from temporalio.service import RPCError

from admin.shared.connections import Connections
from admin.shared.errors import CommandError, Exit, bad_input, unreachable
from admin.shared.json_stream import print_json_array
from admin.shared.output import as_json_line, out, print_error, printable
from admin.shared.staff_names import REMEDY
from complaints.formatting.plural import plural
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.acts import Reassign
from complaints.procedure.directory_lookup import DirectoryQuery
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps.holder import assignment_request
from complaints.records import directory
from complaints.records.worklists import HeldComplaint, list_held
from complaints.runtime.clock import now
from complaints.staff.directory import Directory
from complaints.temporal.calls import CannotAnswerError, NoAnswerError
from starter.client.send_act import ActRefusedError, send_update


@dataclass(frozen=True)
class BulkReassignment:
    """A holder whose complaints go to others."""

    of: str
    to: str | None
    """The new holder; None if the directory chooses one for each complaint."""
    by: str
    reason: str
    name: str | None
    """The prefix of the acts' ids; None for one that is derived from the other fields."""

    def act_id(self, held: HeldComplaint) -> str:
        """Return the act's id: the same on every retry while the holder keeps the complaint."""
        content = "\n".join((self.of, self.to or "", self.by, self.reason))
        name = self.name or f"reassign-{hashlib.sha256(content.encode()).hexdigest()[:16]}"
        return f"{name}.{held.since}"


@dataclass(frozen=True)
class ReassignmentResult:
    """The result for one complaint."""

    code: Exit
    detail: dict[str, str]
    """Printed with --json: reference, code, sentence, and the act's id if it took effect."""


@dataclass(frozen=True)
class ReassignmentPlan:
    """The complaints to reassign, and the directory that chooses their new holders."""

    reassignment: BulkReassignment
    held: list[HeldComplaint]
    staff_directory: Directory

    def assignees(self) -> Iterator[tuple[str, str | None]]:
        """Yield each complaint's reference with its new holder; None: nobody is eligible."""
        counts = dict(self.staff_directory.holding_counts)
        foreseen = replace(self.staff_directory, holding_counts=counts)
        for held in self.held:
            to = self.reassignment.to or choose_assignee(held.state, self.reassignment.of, foreseen)
            if to:
                counts[to] = counts.get(to, 0) + 1
            yield held.state.reference, to


async def read_plan(connections: Connections, reassignment: BulkReassignment) -> ReassignmentPlan:
    """Read what is to be reassigned.

    Raises CommandError for a staff id that the directory lacks.
    """
    async with connections.record() as engine:
        held = await list_held(engine, reassignment.of)
        staff_directory = await directory.read_directory(engine)
    ids = {"--as": reassignment.by, "--to": reassignment.to, "--all-of": None if held else reassignment.of}
    errors = [
        f"{option}: {unknown_name(staff, staff_directory.members, REMEDY)}"
        for option, staff in ids.items()
        if staff and not staff_directory.has_all([staff])
    ]
    if errors:
        raise bad_input(*errors)
    return ReassignmentPlan(reassignment, held, staff_directory)


async def reassign_all(connections: Connections, plan: ReassignmentPlan, *, as_json: bool) -> None:
    """Reassign each complaint and print the result. Raises CommandError with the worst code."""
    client = await connections.temporal()
    worst = Exit.DONE
    for complaint in plan.held:
        result = await reassign(client, plan.reassignment, complaint, plan.staff_directory)
        worst = max(worst, result.code)
        _print(result, as_json=as_json)
    if not plan.held and not as_json:
        out.print(printable(f"{plan.reassignment.of} holds no open complaint."))
    if worst is not Exit.DONE:
        raise CommandError(worst)


def print_plan(plan: ReassignmentPlan, *, as_json: bool) -> None:
    """Print who would get each complaint."""
    if as_json:
        print_json_array({"reference": reference, "to": to} for reference, to in plan.assignees())
        return
    for line in describe_plan(plan):
        out.print(printable(line))
    out.print("This is a preview: nothing has been sent or recorded.")


def describe_plan(plan: ReassignmentPlan) -> list[str]:
    complaints = plural(len(plan.held), "open complaint")
    lines = [
        f"{plan.reassignment.of} holds {complaints}. They would go to others:"
        if plan.held
        else f"{plan.reassignment.of} holds no open complaint."
    ]
    return [*lines, *(f"  {reference}: {to or 'nobody is eligible'}" for reference, to in plan.assignees())]


async def reassign(
    client: Client, reassignment: BulkReassignment, held: HeldComplaint, staff_directory: Directory
) -> ReassignmentResult:
    """Reassign one complaint. Raises CommandError where no worker answers."""
    reference = held.state.reference
    to = reassignment.to or choose_assignee(held.state, reassignment.of, staff_directory)
    if to is None:
        return _refused(reference, "nobody", "no eligible member of staff is available; choose one with --to")
    act = Reassign(id=reassignment.act_id(held), by=reassignment.by, to=to, reason=reassignment.reason)
    try:
        answer = await send_update(client, reference, act)
    except ActRefusedError as error:
        return _refused(reference, error.refusal.code, error.refusal.sentence)
    except NoAnswerError as error:
        raise unreachable(f"{reference}: {error}; repeat the command, it goes on where it stopped") from error
    except (CannotAnswerError, RPCError) as error:
        return ReassignmentResult(Exit.FAILED, {"reference": reference, "code": "failed", "sentence": f"{error}"})
    staff_directory.holding_counts[to] = staff_directory.holding_counts.get(to, 0) + 1
    return ReassignmentResult(
        Exit.DONE, {"reference": reference, "code": answer.code, "sentence": answer.sentence, "id": act.id}
    )


def choose_assignee(state: ComplaintState, leaving: str, staff_directory: Directory) -> str | None:
    """Return the id of the new holder, as the workflow chooses it; None if nobody is eligible."""
    query = DirectoryQuery(on=state.calendar.day_of(now()), assignment=assignment_request(state, excluded=[leaving]))
    return staff_directory.resolve(query).assignee


def _refused(reference: str, code: str, sentence: str) -> ReassignmentResult:
    return ReassignmentResult(Exit.REFUSED, {"reference": reference, "code": code, "sentence": sentence})


def _print(result: ReassignmentResult, *, as_json: bool) -> None:
    """Print one line: to standard error if the complaint was not reassigned."""
    if as_json:
        print(as_json_line(result.detail))
        return
    line = f"{result.detail['reference']}: {result.detail['sentence']}"
    if result.code is Exit.DONE:
        out.print(printable(line))
    else:
        print_error(f"{line} ({result.detail['code']})")
