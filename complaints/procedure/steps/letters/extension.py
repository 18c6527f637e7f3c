"""R5: an extension gives a reply more time, with a reason."""

from datetime import date, datetime

from complaints.procedure.acts import Extend
from complaints.procedure.dates.allowance import DueInstant, due_by_end_of
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.enums import Code, DeadlineKind, Letter, humanize_code
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps import deadline_rules
from complaints.procedure.steps.letters.sendings import lapse_if_missed, withdraw_lapses
from complaints.procedure.steps.rules import Effect
from complaints.procedure.steps.tier_letters import judged_at, refuse_unreachable, tier_period_to_write_for


def extend(c: ComplaintState, act: Extend, now: datetime) -> Effect:
    """Move the reply deadline, by our letter with the reason or by one that has gone.

    It counts at the instant at which the letter was sent. Raises RefusedError.
    """
    c.refuse_if_closed()
    no_deadline = RefusedError(Code.NO_SUCH_DEADLINE, f"No reply deadline is running; it is {humanize_code(c.status)}.")
    if c.is_with_case_handler_step:
        raise no_deadline
    period = tier_period_to_write_for(c, act, now)
    sent_at = judged_at(c, act, period, now)
    deadline = c.latest_deadline(period.tier, DeadlineKind.REPLY)
    if deadline is None or deadline.met_at or (deadline.ended_at and not period.left_at):
        raise no_deadline
    _refuse_date(c, act, deadline, c.calendar.day_of(sent_at))
    refuse_unreachable(c, act)

    def effect() -> None:
        what = f"{c.policy.title_of(period.tier)}: more time until {format_date(act.to)}"
        detail = {"to": act.to, "sent_at": sent_at, "tier": period.tier}
        c.note(act.name, now, act.by, what, detail, {"explanation": act.explanation})
        number, was_due = c.sequence, deadline.due_on
        if period is c.tier_period:
            c.record_act_at_tier(act.by, now)
        _count_extension(c, deadline, act.to, sent_at, act.by, now, event=number)
        if act.sent_at is None:
            deadline.extensions[-1].letter = c.letter(
                Letter.MORE_TIME,
                now,
                what,
                act.channel,
                tier=period.tier,
                extension=number,
                was_due=was_due,
                reply_by=act.to,
            )

    return effect


def suspend_extension(c: ComplaintState, letter: int, by: str, now: datetime) -> None:
    """Return to the earlier date while the letter of an extension is held (R5)."""
    for deadline in c.deadlines:
        for move in deadline.extensions:
            if move.letter == letter:
                move.is_held = True
                _apply_dates(c, deadline, by, now)


def restore_extension(c: ComplaintState, letter: int, sent_at: datetime, by: str, now: datetime) -> None:
    """Let an extension count from when its letter went (R5).

    It does not count once the reply has gone or the tier was left.
    """
    for deadline in c.deadlines:
        move = next((move for move in reversed(deadline.moves) if move.letter == letter and move.is_held), None)
        if move and deadline.is_running:
            _count_extension(c, deadline, move.to_on, sent_at, by, now, event=move.event)
            deadline.extensions[-1].letter = letter


def _count_extension(
    c: ComplaintState, deadline: Deadline, to: date, sent_at: datetime, by: str, now: datetime, *, event: int | None
) -> None:
    """Move the deadline, and withdraw the lapses after the extension was sent."""
    due = max(deadline.due, _due_of(c, deadline, to))
    deadline_rules.move_deadline(c, deadline, due, "R5", by, now, event=event, sent_at=sent_at)
    what = f"{deadline_rules.label_of(c, deadline)} was extended in time and keyed late"
    withdraw_lapses(c, deadline, sent_at, now, what)


def _apply_dates(c: ComplaintState, deadline: Deadline, by: str, now: datetime) -> None:
    """Move the deadline to the latest date that counts; one that has passed lapses at once."""
    due = max([deadline.first, *(_due_of(c, deadline, move.to_on) for move in deadline.extensions)])
    if due != deadline.due:
        deadline.found_unsent_at = now
        deadline_rules.move_deadline(c, deadline, due, "R5", by, now)
        if deadline.is_running and deadline.has_passed:
            deadline_rules.resume_notices(c, deadline, now)
        lapse_if_missed(c, deadline, now)


def _due_of(c: ComplaintState, deadline: Deadline, to: date) -> DueInstant:
    """Return when an extended date ends: on a working day, and not before the first date (R14)."""
    return max(deadline.first, due_by_end_of(c.calendar, c.calendar.working_day_from(to)))


def _refuse_date(c: ComplaintState, act: Extend, deadline: Deadline, sent_on: date) -> None:
    """Refuse a new date with all reasons at once; the first one's code counts."""
    errors: list[tuple[Code, str]] = []
    if why := c.calendar.why_skipped(act.to):
        errors.append((Code.NOT_A_WORKING_DAY, f"it is not a working day ({why})"))
    if act.to <= deadline.due_on:
        errors.append(
            (Code.NOT_LATER, f"it does not lie after the current deadline's day ({format_date(deadline.due_on)})")
        )
    if act.to < sent_on:
        on = f"it was sent on {format_date(sent_on)}" if act.sent_at else f"today is {format_date(sent_on)}"
        errors.append((Code.IN_PAST, f"it has passed ({on})"))
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
