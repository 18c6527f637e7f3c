"""A worklist: somebody's complaints by deadline, each with its next command."""

from collections.abc import Iterable
from datetime import UTC, date, datetime

from pydantic import BaseModel

from complaints.formatting.command_hints import command_for
from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.complaint import Complaint
from complaints.procedure.directory_lookup import StaffAuthority
from complaints.procedure.enums import Status
from complaints.procedure.state import ComplaintState
from complaints.procedure.views.available_acts import AvailableAct, available_acts

ACT_ORDER: tuple[type[Act], ...] = (
    acts.Acknowledge,
    acts.Reply,
    acts.Settle,
    acts.AcceptReview,
    acts.DeclineReview,
    acts.GiveOpinion,
    acts.AnswerRecommendation,
    acts.CarryOut,
    acts.LetterSent,
    acts.Extend,
    acts.Classify,
    acts.Reassign,
    acts.Reopen,
    acts.NotCarriedOut,
)
"""The acts of staff, in the order in which they are suggested."""
ACTS_OF_OTHERS = (acts.AnswerRecommendation, acts.CarryOut)
"""Acts that people other than the holder may have to do (R8)."""
OPTIONAL_ACTS = (acts.Extend, acts.Classify, acts.Reassign, acts.Reopen, acts.NotCarriedOut)
"""Acts that nobody waits for."""

NEVER = datetime.max.replace(tzinfo=UTC)


class Task(BaseModel):
    """A complaint on somebody's worklist."""

    reference: str
    tier: str | None
    status: Status
    holder: str | None
    due: str | None
    """The kind of the first deadline, or `undertaking 2`; None: there is none."""
    due_on: date | None
    due_at: datetime | None
    """The exclusive end of `due_on`."""
    overdue: bool
    time_zone: str
    next: str | None
    """The act that is due from this person; None: others have to act first."""
    command: str | None
    also: list[str]
    """Other acts that are possible now."""


def build_worklist(staff: StaffAuthority, complaints: Iterable[tuple[ComplaintState, datetime]]) -> list[Task]:
    """List tasks by deadline, those without one last, then by reference.

    Each complaint comes with the time on its own clock.
    """
    tasks = [_task(staff, state, now) for state, now in complaints]
    return sorted(tasks, key=lambda task: (task.due_at or NEVER, task.reference))


def _task(staff: StaffAuthority, c: ComplaintState, now: datetime) -> Task:
    possible = sorted(
        (each for each in available_acts(Complaint(c), now, staff) if _is_theirs(each.act, staff, c)),
        key=lambda each: ACT_ORDER.index(each.act),
    )
    following = _following(possible, needs_holder=c.holder is None and not _is_handled_by_others(c, staff))
    due, on, at = _due(c, staff)
    return Task(
        reference=c.reference,
        tier=c.tier_id,
        status=c.status,
        holder=c.holder,
        due=due,
        due_on=on,
        due_at=at,
        overdue=c.is_overdue,
        time_zone=c.policy.time_zone,
        next=following.act.name if following else None,
        command=command_for(following.act, c.reference, following.number, by=staff.id) if following else None,
        also=list(dict.fromkeys(each.act.name for each in possible if each != following)),
    )


def _is_theirs(act: type[Act], staff: StaffAuthority, c: ComplaintState) -> bool:
    return act in (ACTS_OF_OTHERS if _is_handled_by_others(c, staff) else ACT_ORDER)


def _is_handled_by_others(c: ComplaintState, staff: StaffAuthority) -> bool:
    """Whether others handle it: its holder, or the tier's leads where it has none."""
    return c.holder != staff.id if c.holder else c.tier_id not in staff.leads


def _following(possible: list[AvailableAct], *, needs_holder: bool) -> AvailableAct | None:
    """Return the act to suggest: an assignment if there is no holder, else the first due."""
    if needs_holder:
        return next((each for each in possible if each.act is acts.Reassign), None)
    return next((each for each in possible if each.act not in OPTIONAL_ACTS), None)


def _due(c: ComplaintState, staff: StaffAuthority) -> tuple[str | None, date | None, datetime | None]:
    """Return the label, the day and the exclusive end of this person's first deadline."""
    running = [
        (d.at, d.due_on, d.kind.label)
        for d in c.deadlines
        if not (d.met_at or d.ended_at) and (d.recommendation or not _is_handled_by_others(c, staff))
    ]
    running += [
        (u.by_at, u.by, f"undertaking {u.number}")
        for u in c.undertakings
        if not u.carried_out_at and u.owner == staff.id
    ]
    if not running:
        return None, None, None
    at, on, what = min(running)
    return what, on, at
