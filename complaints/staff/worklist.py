"""What somebody has to do: the complaints that are theirs, in order of what is due, with the command for each."""

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
)
"""What staff do, the next thing first."""
ACTS_OF_OTHERS = (acts.AnswerRecommendation, acts.CarryOut)
"""Of these, what others than the holder have to do (R8)."""
OPTIONAL_ACTS = (acts.Extend, acts.Classify, acts.Reassign)
"""Of these, what nobody waits for."""

NEVER = datetime.max.replace(tzinfo=UTC)


class Task(BaseModel):
    """A complaint on somebody's worklist. Each deadline is an exclusive end."""

    reference: str
    tier: str | None
    status: Status
    holder: str | None
    """None: nobody yet."""
    due: str | None
    """What is due first: the deadline's kind, or which undertaking; None: nothing."""
    due_on: date | None
    due_at: datetime | None
    overdue: bool
    time_zone: str
    next: str | None
    """The act that is waited for; None: it is others' turn."""
    command: str | None
    also: list[str]
    """What else may be done."""


def build_worklist(staff: StaffAuthority, theirs: Iterable[tuple[ComplaintState, datetime]]) -> list[Task]:
    """With each complaint's own now. What is due first on top, those with nothing due last, then by reference."""
    tasks = [_task(staff, state, now) for state, now in theirs]
    return sorted(tasks, key=lambda task: (task.due_at or NEVER, task.reference))


def _task(staff: StaffAuthority, c: ComplaintState, now: datetime) -> Task:
    may_be_done = sorted(
        (each for each in available_acts(Complaint(c), now, staff) if _is_theirs(each.act, staff, c)),
        key=lambda each: ACT_ORDER.index(each.act),
    )
    following = _following(may_be_done, is_to_be_given=c.holder is None and not _is_with_others(c, staff))
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
        also=list(dict.fromkeys(each.act.name for each in may_be_done if each != following)),
    )


def _is_theirs(act: type[Act], staff: StaffAuthority, c: ComplaintState) -> bool:
    return act in (ACTS_OF_OTHERS if _is_with_others(c, staff) else ACT_ORDER)


def _is_with_others(c: ComplaintState, staff: StaffAuthority) -> bool:
    """What nobody holds is with whoever leads the tier."""
    return c.holder != staff.id if c.holder else c.tier_id not in staff.leads


def _following(may_be_done: list[AvailableAct], *, is_to_be_given: bool) -> AvailableAct | None:
    """To give it to somebody comes first."""
    if is_to_be_given:
        return next((each for each in may_be_done if each.act is acts.Reassign), None)
    return next((each for each in may_be_done if each.act not in OPTIONAL_ACTS), None)


def _due(c: ComplaintState, staff: StaffAuthority) -> tuple[str | None, date | None, datetime | None]:
    """What it is, the day, and the instant at which that ends; of what others hold, what is theirs all the same."""
    running = [
        (d.at, d.due_on, d.kind.label)
        for d in c.deadlines
        if not (d.met_at or d.ended_at) and (d.recommendation or not _is_with_others(c, staff))
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
