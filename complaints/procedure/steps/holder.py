"""R6, R11: who holds a complaint, and the one alert to those who are to act on it."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from complaints.procedure.acts import Act, Reassign
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.directory_lookup import (
    NOT_CHECKED,
    AssignmentRequest,
    DirectoryQuery,
    DirectoryResult,
    NotChecked,
)
from complaints.procedure.enums import Alert, Code, Status
from complaints.procedure.permissions import Permission
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps import deadline_rules
from complaints.procedure.steps.rules import Effect, EventPriority, ScheduledEvent

ASSIGNMENT_REASON = "chosen as well placed, present, not involved before, and with the fewest open complaints"
AWAITING_STAFF = frozenset(Status) - {Status.AWAITING_COMPLAINANT, Status.AWAITING_RECOMMENDATIONS, Status.CLOSED}
"""Statuses in which the tier that has the complaint is to act; leads of others answer recommendations."""


def assignment_request(c: ComplaintState, excluded: Iterable[str] = ()) -> AssignmentRequest:
    """Request a holder at the current tier who was not involved before (R11).

    The directory matches the aspects of the service concerns.

    `excluded`: ids of further staff who may not hold it, such as the one who gives it away.
    """
    return AssignmentRequest(
        tier=c.tier_period.tier,
        aspects=tuple(dict.fromkeys(aspect for aspect in c.aspects if aspect.is_service)),
        involved=tuple(dict.fromkeys([*involved_earlier(c), *excluded])),
    )


def involved_earlier(c: ComplaintState) -> list[str]:
    """List who may not act at the current tier: the case handler, and staff of the other tiers."""
    case_handler = [c.form.case.handler] if c.form.case.handler else []
    return case_handler + [
        staff for period in c.tier_periods if period.tier != c.tier_period.tier for staff in period.involved
    ]


def directory_query(
    c: ComplaintState, actors: Iterable[str], letters: Iterable[int], now: datetime
) -> DirectoryQuery | None:
    """Collect all that the directory must answer now, in one query; None if nothing.

    `actors`: ids of staff whose authority the waiting acts need. `letters`: those that the product itself reports.
    """
    actors, letters = tuple(dict.fromkeys(actors)), tuple(dict.fromkeys(letters))
    assignment, deadline = _pending_assignment(c), _deadline_to_check_holder_for(c)
    if not actors and not letters and assignment is None and deadline is None:
        return None
    return DirectoryQuery(
        on=c.calendar.day_of(now),
        actors=actors,
        assignment=assignment,
        holder=c.holder if deadline else None,
        until=deadline.due_on if deadline else None,
        reference=c.reference if letters else None,
        letters=letters,
    )


def apply_directory_result(c: ComplaintState, query: DirectoryQuery, result: DirectoryResult, now: datetime) -> None:
    """Assign the holder that was chosen, and alert the lead to a holder who is away.

    Ignores each answer whose question has changed since; the next query asks it again.
    """
    if query.assignment and query.assignment == _pending_assignment(c):
        c.tier_period.is_holder_sought = True
        if result.assignee:
            reason = "named in the form" if c.is_with_case_handler_step else ASSIGNMENT_REASON
            c.assign_holder(c.tier_period, result.assignee, now, reason)
    deadline = _deadline_to_check_holder_for(c)
    if deadline and (query.holder, query.until) == (c.holder, deadline.due_on):
        deadline.holder_check_pending = False
        if not result.holder_available:
            due_on = format_date(deadline.due_on)
            what = f"{c.tier_title}: the holder is away before the {deadline.kind.label} is due {due_on}"
            c.alert(Alert.HOLDER_AWAY, now, c.leads(c.tier_period.tier), what, deadline=deadline.number)


def _pending_assignment(c: ComplaintState) -> AssignmentRequest | None:
    """Return the request of a tier that assigns automatically, until it is answered.

    At the case handler's step: whether the directory knows the case handler that the form names.
    """
    if not c.awaits_assignment:
        return None
    if c.is_with_case_handler_step:
        return AssignmentRequest(tier=c.tier_period.tier, aspects=(), involved=(), named=c.form.case.handler)
    return assignment_request(c)


def _deadline_to_check_holder_for(c: ComplaintState) -> Deadline | None:
    return next((d for d in c.deadlines if d.is_running and d.holder_check_pending), None) if c.holder else None


def takes_by_acting(c: ComplaintState, act: Act, directory: DirectoryResult | NotChecked) -> bool:
    """Return whether a lead who acts has the tier's role, too, and so holds the complaint.

    Nobody holds it yet. Without the role, a lead does not hold it (R11).
    """
    if act.requires is not Permission.HOLDER_OR_LEAD or isinstance(act, Reassign) or directory is NOT_CHECKED:
        return False
    is_unheld = not c.is_closed and bool(c.tier_periods) and not c.holder
    return is_unheld and any(each.id == act.by and c.tier_id in each.roles for each in directory.authorities)


def reassign(c: ComplaintState, act: Reassign, now: datetime) -> Effect:
    """Give the complaint to another member of staff at its tier (R11). Raises RefusedError."""
    c.refuse_if_closed()
    if act.to == c.holder:
        raise RefusedError(Code.ALREADY_DONE, f"{act.to} holds the complaint already.")

    def effect() -> None:
        c.note(act.name, now, act.by, f"given to {act.to}", {"to": act.to}, {"reason": act.reason})
        c.assign_holder(c.tier_period, act.to, now, by=act.by)

    return effect


def scheduled_events(c: ComplaintState) -> Iterator[ScheduledEvent]:
    """Yield the alert owed to those who are to act; it precedes the tier's lapses (R6)."""
    owed = c.tier_period.alert_owed if c.tier_periods and not c.is_closed and not c.awaits_assignment else None
    if owed and (c.status in AWAITING_STAFF or (owed is Alert.GIVEN and c.holder)):
        at = c.tier_period.started_at
        yield ScheduledEvent(at, EventPriority.LAPSE, f"{c.tier_title}: alert to act", partial(_alert_to_act, c))


def _alert_to_act(c: ComplaintState, at: datetime) -> None:
    period = c.tier_period
    owed, period.alert_owed = period.alert_owed, None
    if period.holder:
        occasion = Alert.GOES_ON if owed is Alert.GOES_ON else Alert.GIVEN
        to = [f"staff:{period.holder}"]
        what = f"goes on with {period.holder}" if occasion is Alert.GOES_ON else f"given to {period.holder}"
    elif c.tier is None:
        occasion, to, what = Alert.NO_CASE_HANDLER, c.leads(c.policy.tiers[0].id), "nobody is known who could hold it"
    else:
        occasion, what = _unheld(c, owed)
        to = c.lead_and_role(period.tier)
    due = deadline_rules.describe_next(c)
    if c.status is Status.AWAITING_CASE_CLOSING:
        due = "it waits for the case to close"
    what = f"{c.tier_title}: {what}; {due}" if due else f"{c.tier_title}: {what}"
    c.alert(occasion, at, to, what, tier=period.tier, status=c.status)


def _unheld(c: ComplaintState, owed: Alert | None) -> tuple[Alert, str]:
    """Return the occasion and the text of an alert about a complaint that nobody holds."""
    if owed is Alert.GOES_ON:
        return Alert.GOES_ON, "goes on, and nobody holds it"
    if c.tier and c.tier.review:
        return Alert.REVIEW_REQUESTED, "a review is requested"
    return Alert.NOBODY_TO_HOLD, "nobody is there to hold it" if c.tier_period.is_holder_sought else "nobody holds it"
