"""Who is to hold the complaint, and whether they are there when a deadline nears: what the directory is asked (R11)."""

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

CHOSEN = "chosen as well placed, present, not involved before, and with the fewest open complaints"


def directory_query(c: ComplaintState, actors: Iterable[str], now: datetime) -> DirectoryQuery | None:
    """All that is to be asked of the directory now, with those whose acts wait; None: nothing."""
    asked, vacancy, doubt = tuple(dict.fromkeys(actors)), _assignment_request(c), _deadline_to_check_holder_for(c)
    if not asked and vacancy is None and doubt is None:
        return None
    return DirectoryQuery(
        on=c.calendar.day_of(now),
        actors=asked,
        assignment=vacancy,
        holder=c.holder if doubt else None,
        until=doubt.due_on if doubt else None,
    )


def apply_directory_result(c: ComplaintState, asked: DirectoryQuery, found: DirectoryResult, now: datetime) -> None:
    """What is no longer as it was when it was asked is asked once more."""
    if asked.assignment and asked.assignment == _assignment_request(c):
        c.tier_period.is_holder_sought = True
        if found.assignee:
            c.assign_holder(c.tier_period, found.assignee, now, CHOSEN)
        else:
            c.alert(
                Alert.NOBODY_TO_HOLD, now, c.leads(c.tier_period.tier), f"{c.tier_title}: nobody is there to hold it"
            )
    doubt = _deadline_to_check_holder_for(c)
    if doubt and (asked.holder, asked.until) == (c.holder, doubt.due_on):
        doubt.holder_check_pending = False
        if not found.holder_available:
            what = (
                f"{c.tier_title}: the holder is away before the {doubt.kind.label} is due {format_date(doubt.due_on)}"
            )
            c.alert(Alert.HOLDER_AWAY, now, c.leads(c.tier_period.tier), what, deadline=doubt.number)


def _assignment_request(c: ComplaintState) -> AssignmentRequest | None:
    """Of a tier whose holders are chosen, until the directory has been asked."""
    if c.is_closed or not c.tier or not c.tier.allocate or c.holder or c.tier_period.is_holder_sought:
        return None
    handler = [c.form.case.handler] if c.form.case.handler else []
    earlier = [staff for stay in c.tier_periods if stay.tier != c.tier_period.tier for staff in stay.involved]
    return AssignmentRequest(
        tier=c.tier_period.tier,
        aspects=tuple(dict.fromkeys(aspect for aspect in c.aspects if aspect.is_service)),
        involved=tuple(dict.fromkeys(handler + earlier)),
    )


def _deadline_to_check_holder_for(c: ComplaintState) -> Deadline | None:
    return next((d for d in c.deadlines if d.is_running and d.holder_check_pending), None) if c.holder else None


def reassign(c: ComplaintState, act: Reassign, now: datetime) -> Effect:
    c.refuse_if_closed()
    if act.to == c.holder:
        raise RefusedError(Code.ALREADY_DONE, f"{act.to} holds the complaint already.")

    def effect() -> None:
        c.note(act.name, now, act.by, f"given to {act.to}", {"to": act.to}, {"reason": act.reason})
        c.assign_holder(c.tier_period, act.to, now)

    return effect
