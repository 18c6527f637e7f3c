"""A worklist: somebody's complaints by deadline, each with its next command."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime
from typing import NamedTuple

from pydantic import BaseModel

from complaints.formatting.command_hints import command_for
from complaints.procedure import acts
from complaints.procedure.acts import Act
from complaints.procedure.complaint import Complaint
from complaints.procedure.directory_lookup import StaffAuthority
from complaints.procedure.enums import DeadlineKind, Status
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps.holder import involved_earlier
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
    acts.Correct,
    acts.Classify,
    acts.Reassign,
    acts.Reopen,
    acts.NotCarriedOut,
    acts.ReassignUndertaking,
)
"""The acts of staff, in the order in which they are suggested."""
ACTS_OF_OTHERS = (acts.AnswerRecommendation, acts.CarryOut)
"""Acts that people other than the holder may have to do (R8)."""
OPTIONAL_ACTS = (
    acts.Extend,
    acts.Correct,
    acts.Classify,
    acts.Reassign,
    acts.Reopen,
    acts.NotCarriedOut,
    acts.ReassignUndertaking,
)
"""Acts that nobody waits for."""

BY_DEADLINE: dict[DeadlineKind, type[Act]] = {
    DeadlineKind.ACKNOWLEDGEMENT: acts.Acknowledge,
    DeadlineKind.REPLY: acts.Reply,
    DeadlineKind.OPINION: acts.GiveOpinion,
    DeadlineKind.RECOMMENDATION_ANSWER: acts.AnswerRecommendation,
}
"""The act that meets each kind of deadline."""

NEVER = datetime.max.replace(tzinfo=UTC)


class Task(BaseModel):
    """A complaint on somebody's worklist, with what is theirs to do."""

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


class DueWork(NamedTuple):
    """A deadline or an undertaking, and the act that meets it."""

    at: datetime
    on: date
    label: str
    act: type[Act]
    number: int | None
    """Of the recommendation or the undertaking."""


def build_worklist(staff: StaffAuthority, complaints: Iterable[tuple[ComplaintState, datetime]]) -> list[Task]:
    """List tasks by deadline, those without one last, then by reference.

    Each complaint comes with the time on its own clock. One that nobody holds is a task of all who may take it, and
    of the tier's leads.
    """
    tasks = [task for state, now in complaints if (task := _task(staff, state, now))]
    return sorted(tasks, key=lambda task: (task.due_at or NEVER, task.reference))


def _task(staff: StaffAuthority, c: ComplaintState, now: datetime) -> Task | None:
    possible = sorted(
        (each for each in available_acts(Complaint(c), now, staff) if _is_theirs(each, staff, c)),
        key=lambda each: (ACT_ORDER.index(each.act), each.number or 0),
    )
    due = min(_due_work(c, staff, possible), default=None)
    following = _following(c, staff, possible, due)
    if c.holder != staff.id and due is None and following is None and not (c.holder is None and _is_lead(c, staff)):
        return None
    return Task(
        reference=c.reference,
        tier=c.tier_id,
        status=c.status,
        holder=c.holder,
        due=due.label if due else None,
        due_on=due.on if due else None,
        due_at=due.at if due else None,
        overdue=due is not None and due.at <= now,
        time_zone=c.policy.time_zone,
        next=following.act.name if following else None,
        command=command_for(following.act, c.reference, following.number, by=staff.id) if following else None,
        also=list(dict.fromkeys(each.act.name for each in possible if not following or each.act is not following.act)),
    )


def _is_theirs(possible: AvailableAct, staff: StaffAuthority, c: ComplaintState) -> bool:
    """Whether the act is for this person to do: an undertaking only if they own it."""
    if possible.act in (acts.CarryOut, acts.ReassignUndertaking):
        return any(u.number == possible.number and u.owner == staff.id for u in c.undertakings)
    return possible.act in (ACT_ORDER if _is_in_charge(c, staff) else ACTS_OF_OTHERS)


def _is_in_charge(c: ComplaintState, staff: StaffAuthority) -> bool:
    """Whether they hold the complaint; or lead its tier or have its role, where nobody holds it."""
    if c.holder:
        return c.holder == staff.id
    return _is_lead(c, staff) or (c.tier_id in staff.roles and staff.id not in involved_earlier(c))


def _is_lead(c: ComplaintState, staff: StaffAuthority) -> bool:
    """Whether they lead the complaint's tier; the case handler's step has the first tier's lead."""
    return (c.tier or c.policy.tiers[0]).id in staff.leads


def _following(
    c: ComplaintState, staff: StaffAuthority, possible: list[AvailableAct], due: DueWork | None
) -> AvailableAct | None:
    """Return the act to suggest: what is due first, else an assignment or the next step."""
    meets_it = AvailableAct(due.act, due.number) if due else None
    if meets_it in possible:
        return meets_it
    if _is_in_charge(c, staff) and c.tier_id not in staff.roles:
        return next((each for each in possible if each.act is acts.Reassign), None)
    return next((each for each in possible if each.act not in OPTIONAL_ACTS), None)


def _due_work(c: ComplaintState, staff: StaffAuthority, possible: list[AvailableAct]) -> Iterator[DueWork]:
    """Yield the running deadlines and the undertakings that are this person's."""
    for d in c.deadlines:
        act = BY_DEADLINE[d.kind]
        is_theirs = (act, d.recommendation) in possible if d.recommendation else _is_in_charge(c, staff)
        if d.is_running and is_theirs:
            yield DueWork(d.at, d.due_on, d.label, act, d.recommendation)
    for u in c.open_undertakings:
        if u.owner == staff.id:
            yield DueWork(u.by_at, u.by, f"undertaking {u.number}", acts.CarryOut, u.number)
