"""Reassign all complaints and undertakings of somebody: one act for each, with its own id."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from temporalio.client import Client
from temporalio.service import RPCError

from admin.shared.connections import Connections
from admin.shared.errors import CommandError, Exit, bad_input, unreachable
from admin.shared.json_stream import print_json_array
from admin.shared.output import as_json_line, out, print_error, printable
from admin.shared.staff_names import REMEDY
from complaints.formatting.plural import plural
from complaints.formatting.suggestion import unknown_name
from complaints.procedure.acts import Act, Reassign, ReassignUndertaking
from complaints.procedure.directory_lookup import AssignmentRequest, DirectoryQuery
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps.holder import assignment_request
from complaints.records import directory
from complaints.records.worklists import HeldComplaint, OwnedUndertaking, list_held, list_owned
from complaints.runtime.clock import now
from complaints.staff.directory import Directory
from complaints.temporal.calls import CannotAnswerError, NoAnswerError
from starter.client.send_act import ActRefusedError, send_update


@dataclass(frozen=True)
class BulkReassignment:
    """A member of staff whose complaints and undertakings go to others."""

    of: str
    to: str | None
    """The new holder and owner; None if the directory chooses one for each."""
    by: str
    reason: str
    name: str | None
    """The prefix of the acts' ids; None for one that is derived from the other fields."""

    def act_id(self, item: HeldComplaint | OwnedUndertaking) -> str:
        """Return the act's id: the same on every retry while they keep the complaint or the like."""
        content = "\n".join((self.of, self.to or "", self.by, self.reason))
        name = self.name or f"reassign-{hashlib.sha256(content.encode()).hexdigest()[:16]}"
        if isinstance(item, HeldComplaint):
            return f"{name}.{item.since}"
        return f"{name}.undertaking-{item.undertaking.number}.{item.undertaking.given_in}"

    def act(self, item: HeldComplaint | OwnedUndertaking, to: str) -> Act:
        fields = {"id": self.act_id(item), "by": self.by, "to": to, "reason": self.reason}
        if isinstance(item, HeldComplaint):
            return Reassign.model_validate(fields)
        return ReassignUndertaking.model_validate(fields | {"undertaking": item.undertaking.number})


@dataclass(frozen=True)
class ReassignmentResult:
    """The result for one complaint or undertaking."""

    code: Exit
    detail: dict[str, Any]
    """Printed with --json: reference, code, sentence, and the act's id if it took effect.

    For an undertaking also its number.
    """


@dataclass(frozen=True)
class ReassignmentPlan:
    """The complaints and undertakings to reassign, and the directory that chooses who gets them."""

    reassignment: BulkReassignment
    held: list[HeldComplaint]
    owned: list[OwnedUndertaking]
    staff_directory: Directory

    @property
    def is_empty(self) -> bool:
        return not self.held and not self.owned

    def assignees(self) -> Iterator[tuple[str, str | None]]:
        """Yield each complaint's reference with its new holder; None: nobody is eligible."""
        counts = dict(self.staff_directory.holding_counts)
        foreseen = replace(self.staff_directory, holding_counts=counts)
        for held in self.held:
            to = self.reassignment.to or choose_assignee(held.state, self.reassignment.of, foreseen)
            if to:
                counts[to] = counts.get(to, 0) + 1
            yield held.state.reference, to

    def owners(self) -> Iterator[tuple[str, int, str | None]]:
        """Yield each undertaking's reference and number with its new owner, if any."""
        counts = dict(self.staff_directory.holding_counts)
        for _, to in self.assignees():
            if to:
                counts[to] = counts.get(to, 0) + 1
        foreseen = replace(self.staff_directory, holding_counts=counts)
        for owned in self.owned:
            to = self.reassignment.to or choose_owner(owned, self.reassignment.of, foreseen)
            yield owned.state.reference, owned.undertaking.number, to


async def read_plan(connections: Connections, reassignment: BulkReassignment) -> ReassignmentPlan:
    """Read what is to be reassigned.

    Raises CommandError for a staff id that the directory lacks.
    """
    async with connections.record() as engine:
        held = await list_held(engine, reassignment.of)
        owned = await list_owned(engine, reassignment.of)
        staff_directory = await directory.read_directory(engine)
    ids = {"--as": reassignment.by, "--to": reassignment.to, "--all-of": None if held or owned else reassignment.of}
    errors = [
        f"{option}: {unknown_name(staff, staff_directory.members, REMEDY)}"
        for option, staff in ids.items()
        if staff and not staff_directory.has_all([staff])
    ]
    if errors:
        raise bad_input(*errors)
    return ReassignmentPlan(reassignment, held, owned, staff_directory)


async def reassign_all(connections: Connections, plan: ReassignmentPlan, *, as_json: bool) -> None:
    """Reassign each complaint and undertaking, and print the result.

    Raises CommandError with the worst code.
    """
    client = await connections.temporal()
    worst = Exit.DONE
    items: list[HeldComplaint | OwnedUndertaking] = [*plan.held, *plan.owned]
    for item in items:
        result = await reassign(client, plan.reassignment, item, plan.staff_directory)
        worst = max(worst, result.code)
        _print(result, as_json=as_json)
    if plan.is_empty and not as_json:
        out.print(printable(f"{plan.reassignment.of} holds no open complaint."))
    if worst is not Exit.DONE:
        raise CommandError(worst)


def print_plan(plan: ReassignmentPlan, *, as_json: bool) -> None:
    """Print who would get each complaint and each undertaking."""
    if as_json:
        complaints: list[dict[str, Any]] = [{"reference": reference, "to": to} for reference, to in plan.assignees()]
        undertakings = ({"reference": each[0], "undertaking": each[1], "to": each[2]} for each in plan.owners())
        print_json_array([*complaints, *undertakings])
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
    lines += [f"  {reference}: {to or 'nobody is eligible'}" for reference, to in plan.assignees()]
    if plan.owned:
        undertakings = plural(len(plan.owned), "open undertaking")
        lines.append(f"{plan.reassignment.of} has {undertakings}. They would go to others:")
    return lines + [
        f"  {reference} undertaking {number}: {to or 'nobody is eligible'}" for reference, number, to in plan.owners()
    ]


async def reassign(
    client: Client,
    reassignment: BulkReassignment,
    item: HeldComplaint | OwnedUndertaking,
    staff_directory: Directory,
) -> ReassignmentResult:
    """Reassign one complaint or undertaking. Raises CommandError where no worker answers."""
    reference = item.state.reference
    about: dict[str, Any] = {"reference": reference}
    if isinstance(item, HeldComplaint):
        to = reassignment.to or choose_assignee(item.state, reassignment.of, staff_directory)
    else:
        to = reassignment.to or choose_owner(item, reassignment.of, staff_directory)
        about |= {"undertaking": item.undertaking.number}
    if to is None:
        return _refused(about, "nobody", "no eligible member of staff is available; choose one with --to")
    act = reassignment.act(item, to)
    try:
        answer = await send_update(client, reference, act)
    except ActRefusedError as error:
        return _refused(about, error.refusal.code, error.refusal.sentence)
    except NoAnswerError as error:
        raise unreachable(f"{reference}: {error}; repeat the command, it goes on where it stopped") from error
    except (CannotAnswerError, RPCError) as error:
        return ReassignmentResult(Exit.FAILED, about | {"code": "failed", "sentence": f"{error}"})
    if isinstance(item, HeldComplaint):
        staff_directory.holding_counts[to] = staff_directory.holding_counts.get(to, 0) + 1
    return ReassignmentResult(Exit.DONE, about | {"code": answer.code, "sentence": answer.sentence, "id": act.id})


def choose_assignee(state: ComplaintState, leaving: str, staff_directory: Directory) -> str | None:
    """Return the id of the new holder, as the workflow chooses it; None if nobody is eligible."""
    query = DirectoryQuery(on=state.calendar.day_of(now()), assignment=assignment_request(state, excluded=[leaving]))
    return staff_directory.resolve(query).assignee


def choose_owner(owned: OwnedUndertaking, leaving: str, staff_directory: Directory) -> str | None:
    """Return the id of a new owner at a tier that answers for it; None: nobody is eligible."""
    state = owned.state
    for tier in owned.undertaking.tiers:
        aspects = tuple(dict.fromkeys(aspect for aspect in state.aspects if aspect.is_service))
        request = AssignmentRequest(tier=tier, aspects=aspects, involved=(leaving,))
        query = DirectoryQuery(on=state.calendar.day_of(now()), assignment=request)
        if owner := staff_directory.resolve(query).assignee:
            return owner
    return None


def _refused(about: dict[str, Any], code: str, sentence: str) -> ReassignmentResult:
    return ReassignmentResult(Exit.REFUSED, about | {"code": code, "sentence": sentence})


def _print(result: ReassignmentResult, *, as_json: bool) -> None:
    """Print one line: to standard error if nothing was reassigned."""
    if as_json:
        print(as_json_line(result.detail))
        return
    number = result.detail.get("undertaking")
    about = f"{result.detail['reference']} undertaking {number}" if number else result.detail["reference"]
    line = f"{about}: {result.detail['sentence']}"
    if result.code is Exit.DONE:
        out.print(printable(line))
    else:
        print_error(f"{line} ({result.detail['code']})")
