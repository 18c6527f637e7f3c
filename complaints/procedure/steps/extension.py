"""R5: an extension gives a reply more time, with a reason."""

from datetime import datetime

from complaints.procedure.acts import Extend
from complaints.procedure.dates.allowance import due_by_end_of
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.enums import Code, DeadlineKind, Letter, humanize_code
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps import deadline_rules
from complaints.procedure.steps.rules import Effect


def extend(c: ComplaintState, act: Extend, now: datetime) -> Effect:
    """Move the running reply deadline, and send the letter with the reason.

    Raises RefusedError.
    """
    c.refuse_if_closed()
    deadline = c.running_deadline(DeadlineKind.REPLY)
    if deadline is None:
        raise RefusedError(Code.NO_SUCH_DEADLINE, f"No reply deadline is running; it is {humanize_code(c.status)}.")
    _refuse_date(c, act, deadline, now)

    def effect() -> None:
        what = f"{c.tier_title}: more time until {format_date(act.to)}"
        c.note(act.name, now, act.by, what, {"to": act.to}, {"explanation": act.explanation})
        extension, was_due = c.sequence, deadline.due_on
        c.record_act_at_tier(act.by, now)
        deadline_rules.move_deadline(c, deadline, due_by_end_of(c.calendar, act.to), "R5", act.by, now, event=extension)
        c.letter(
            Letter.MORE_TIME,
            now,
            what,
            tier=c.tier_period.tier,
            extension=extension,
            was_due=was_due,
            reply_by=act.to,
        )

    return effect


def _refuse_date(c: ComplaintState, act: Extend, deadline: Deadline, now: datetime) -> None:
    """Refuse a new date with all reasons at once; the first one's code counts."""
    errors: list[tuple[Code, str]] = []
    if why := c.calendar.why_skipped(act.to):
        errors.append((Code.NOT_A_WORKING_DAY, f"it is not a working day ({why})"))
    if act.to <= deadline.due_on:
        errors.append(
            (Code.NOT_LATER, f"it does not lie after the current deadline's day ({format_date(deadline.due_on)})")
        )
    today = c.calendar.day_of(now)
    if act.to < today:
        errors.append((Code.IN_PAST, f"it has passed (today is {format_date(today)})"))
    reply = c.policy.tier(deadline.tier).reply
    caps = reply.extensions if reply else None
    if caps and caps.most is not None and len(deadline.extensions) >= caps.most:
        errors.append((Code.TOO_MANY_EXTENSIONS, f"the policy allows no more than {caps.most}"))
    if caps and caps.working_days:
        latest = c.calendar.working_day_after(deadline.first_on, caps.working_days)
        if act.to > latest:
            errors.append((Code.TOO_LONG, f"the policy allows no date after {format_date(latest)}"))
    if errors:
        raise RefusedError(errors[0][0], f"to ({format_date(act.to)}): {'; '.join(what for _, what in errors)}.")
