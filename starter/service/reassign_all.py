"""Reassign all complaints and undertakings of somebody: one act for each, with its own id."""

import hashlib
from collections.abc import AsyncGenerator
from dataclasses import dataclass, replace

from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.service import RPCError

from complaints.formatting.suggestion import unknown_name
from complaints.procedure.acts import Act, Reassign, ReassignUndertaking
from complaints.procedure.directory_lookup import AssignmentRequest, DirectoryQuery
from complaints.procedure.field_types import ActId, LongText, StaffId
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps.holder import assignment_request
from complaints.records import directory
from complaints.records.worklists import HeldComplaint, OwnedUndertaking, list_held, list_owned
from complaints.runtime.clock import now
from complaints.staff.directory import Directory
from complaints.temporal.calls import CannotAnswerError, NoAnswerError
from starter.api.problems import invalid_fields, translate_errors
from starter.client.send_act import ActRefusedError, send_update
from starter.service.models import AnswerModel, RequestModel

REMEDY = "see complaints staff list"


class ReassignmentRequest(RequestModel):
    """All that somebody holds and owns goes to others."""

    to: StaffId | None = None
    """Who gets it; None: the directory chooses for each."""
    reason: LongText
    id: ActId | None = None
    """The beginning of the acts' ids; None: one that follows from the other fields."""


class PlannedReassignment(AnswerModel):
    """Who would get a complaint, or an undertaking."""

    reference: str
    undertaking: int | None = None
    """The undertaking's number; None: it is the complaint."""
    to: str | None
    """None: nobody is eligible."""


class Reassigned(AnswerModel):
    """What became of a complaint, or of an undertaking."""

    reference: str
    undertaking: int | None = None
    """The undertaking's number; None: it is the complaint."""
    code: str
    """`done`, or why not."""
    sentence: str
    id: str | None = None
    """The act's id, if it took effect."""


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
class ReassignmentPlan:
    """The complaints and undertakings to reassign, and the directory that chooses who gets them."""

    reassignment: BulkReassignment
    held: list[HeldComplaint]
    owned: list[OwnedUndertaking]
    staff_directory: Directory

    async def lines(self) -> AsyncGenerator[PlannedReassignment, None]:
        """Yield each complaint with its new holder, then each undertaking with its new owner."""
        counts = dict(self.staff_directory.holding_counts)
        foreseen = replace(self.staff_directory, holding_counts=counts)
        for held in self.held:
            to = self.reassignment.to or choose_assignee(held.state, self.reassignment.of, foreseen)
            if to:
                counts[to] = counts.get(to, 0) + 1
            yield PlannedReassignment(reference=held.state.reference, to=to)
        for owned in self.owned:
            to = self.reassignment.to or choose_owner(owned, self.reassignment.of, foreseen)
            yield PlannedReassignment(reference=owned.state.reference, undertaking=owned.undertaking.number, to=to)


async def read_plan(engine: AsyncEngine, reassignment: BulkReassignment) -> ReassignmentPlan:
    """Read what is to be reassigned. Raises ProblemError for an id that the directory lacks."""
    with translate_errors():
        held = await list_held(engine, reassignment.of)
        owned = await list_owned(engine, reassignment.of)
        staff_directory = await directory.read_directory(engine)
    errors = [] if reassignment.to != reassignment.of else [f"to: {reassignment.to} is the one who has them now"]
    ids = {"to": reassignment.to, "of": None if held or owned else reassignment.of}
    errors += [
        f"{field}: {unknown_name(staff, staff_directory.members, REMEDY)}"
        for field, staff in ids.items()
        if staff and not staff_directory.has_all([staff])
    ]
    if errors:
        raise invalid_fields(errors)
    return ReassignmentPlan(reassignment, held, owned, staff_directory)


async def reassign_all(client: Client, plan: ReassignmentPlan) -> AsyncGenerator[Reassigned, None]:
    """Reassign each complaint and undertaking. Raises ProblemError where no worker answers."""
    items: list[HeldComplaint | OwnedUndertaking] = [*plan.held, *plan.owned]
    for item in items:
        with translate_errors():
            yield await reassign(client, plan.reassignment, item, plan.staff_directory)


async def reassign(
    client: Client,
    reassignment: BulkReassignment,
    item: HeldComplaint | OwnedUndertaking,
    staff_directory: Directory,
) -> Reassigned:
    """Reassign one complaint or undertaking. Raises NoAnswerError."""
    reference, number = item.state.reference, None
    if isinstance(item, HeldComplaint):
        to = reassignment.to or choose_assignee(item.state, reassignment.of, staff_directory)
    else:
        to = reassignment.to or choose_owner(item, reassignment.of, staff_directory)
        number = item.undertaking.number
    code, sentence, act_id = "nobody", "no eligible member of staff is available; choose one with --to", None
    if to is not None:
        act = reassignment.act(item, to)
        try:
            answer = await send_update(client, reference, act)
            code, sentence, act_id = answer.code, answer.sentence, act.id
            if number is None:
                staff_directory.holding_counts[to] = staff_directory.holding_counts.get(to, 0) + 1
        except ActRefusedError as error:
            code, sentence = error.refusal.code, error.refusal.sentence
        except NoAnswerError:
            raise
        except (CannotAnswerError, RPCError) as error:
            code, sentence = "failed", f"{error}"
    return Reassigned(reference=reference, undertaking=number, code=code, sentence=sentence, id=act_id)


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
