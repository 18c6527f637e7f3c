"""R9, R13: a tier takes a closed complaint up again as it left it; time has run on."""

from datetime import datetime

from complaints.procedure.dates.calendar import TICK
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.enums import DeadlineKind, EventKind
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps import assessor, deadline_rules


def resume(c: ComplaintState, now: datetime) -> None:
    """Return to the step, its deadlines and its notices as the last closing left them.

    A deadline that has passed meanwhile lapses now. A reminder or a chaser that would have come meanwhile is left out.
    """
    closing, period = c.closings[-1], c.tier_period
    assert closing.status, "the complaint had a tier"
    deadlines = deadlines_to_resume(c)
    c.status = closing.status
    period.notice_at = closing.notice_at
    period.resumed_at = now
    for deadline in deadlines:
        deadline.ended_at = None
        what = f"{deadline_rules.describe(c, deadline)}, awaited again"
        c.note(EventKind.DEADLINE_RESUMED, now, None, what, {"deadline": deadline.number})
        deadline_rules.set_reminder(c, deadline, now + TICK)
        reply = c.policy.tier(deadline.tier).reply
        if deadline.has_passed and deadline.kind is DeadlineKind.REPLY and reply:
            clock = c.policy.notices_at
            deadline.chase_at = reply.chase_every.notice_after(c.calendar, deadline.due, clock, now + TICK)
            deadline.escalate_at = deadline_rules.escalates_at(c, deadline, reply)
    assessor.apply_case_state(c, c.case, now)


def deadlines_to_resume(c: ComplaintState) -> list[Deadline]:
    """List the deadlines that the last closing of the complaint ended at its tier."""
    if not c.closings or not c.tier_periods:
        return []
    at, tier = c.closings[-1].at, c.tier_id
    return [each for each in c.deadlines if each.ended_at == at and each.tier == tier and each.met_at is None]
