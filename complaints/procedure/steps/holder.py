"""R11: who holds a complaint, by automatic assignment or by `reassign`."""

from collections.abc import Iterable
from datetime import datetime

from complaints.procedure.acts import Reassign
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.directory_lookup import AssignmentRequest, DirectoryQuery, DirectoryResult
from complaints.procedure.enums import Alert, Code
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps.rules import Effect

ASSIGNMENT_REASON = "chosen as well placed, present, not involved before, and with the fewest open complaints"


def assignment_request(c: ComplaintState, excluded: Iterable[str] = ()) -> AssignmentRequest:
    """Request a holder at the current tier who was not involved before (R11).

    The directory matches the aspects of the service concerns.

    `excluded`: ids of further staff who may not hold it, such as the one who gives it away.
    """
    case_handler = [c.form.case.handler] if c.form.case.handler else []
    earlier = [staff for period in c.tier_periods if period.tier != c.tier_period.tier for staff in period.involved]
    return AssignmentRequest(
        tier=c.tier_period.tier,
        aspects=tuple(dict.fromkeys(aspect for aspect in c.aspects if aspect.is_service)),
        involved=tuple(dict.fromkeys([*case_handler, *earlier, *excluded])),
    )


def directory_query(c: ComplaintState, actors: Iterable[str], now: datetime) -> DirectoryQuery | None:
    """Collect all that the directory must answer now, in one query; None if nothing.

    `actors`: ids of staff whose authority the waiting acts need.
    """
    actors = tuple(dict.fromkeys(actors))
    assignment, deadline = _pending_assignment(c), _deadline_to_check_holder_for(c)
    if not actors and assignment is None and deadline is None:
        return None
    return DirectoryQuery(
        on=c.calendar.day_of(now),
        actors=actors,
        assignment=assignment,
        holder=c.holder if deadline else None,
        until=deadline.due_on if deadline else None,
    )


def apply_directory_result(c: ComplaintState, query: DirectoryQuery, result: DirectoryResult, now: datetime) -> None:
    """Assign the holder that was chosen, and alert the lead to a holder who is away.

    Ignores each answer whose question has changed since; the next query asks it again.
    """
    if query.assignment and query.assignment == _pending_assignment(c):
        c.tier_period.is_holder_sought = True
        if result.assignee:
            c.assign_holder(c.tier_period, result.assignee, now, ASSIGNMENT_REASON)
        else:
            what = f"{c.tier_title}: nobody is there to hold it"
            c.alert(Alert.NOBODY_TO_HOLD, now, c.leads(c.tier_period.tier), what)
    deadline = _deadline_to_check_holder_for(c)
    if deadline and (query.holder, query.until) == (c.holder, deadline.due_on):
        deadline.holder_check_pending = False
        if not result.holder_available:
            due_on = format_date(deadline.due_on)
            what = f"{c.tier_title}: the holder is away before the {deadline.kind.label} is due {due_on}"
            c.alert(Alert.HOLDER_AWAY, now, c.leads(c.tier_period.tier), what, deadline=deadline.number)


def _pending_assignment(c: ComplaintState) -> AssignmentRequest | None:
    """Return the request of a tier that assigns automatically, until it is answered."""
    if c.is_closed or not c.tier or not c.tier.allocate or c.holder or c.tier_period.is_holder_sought:
        return None
    return assignment_request(c)


def _deadline_to_check_holder_for(c: ComplaintState) -> Deadline | None:
    return next((d for d in c.deadlines if d.is_running and d.holder_check_pending), None) if c.holder else None


def reassign(c: ComplaintState, act: Reassign, now: datetime) -> Effect:
    """Give the complaint to another member of staff at its tier (R11). Raises RefusedError."""
    c.refuse_if_closed()
    if act.to == c.holder:
        raise RefusedError(Code.ALREADY_DONE, f"{act.to} holds the complaint already.")

    def effect() -> None:
        c.note(act.name, now, act.by, f"given to {act.to}", {"to": act.to}, {"reason": act.reason})
        c.assign_holder(c.tier_period, act.to, now)

    return effect
