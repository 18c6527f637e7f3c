"""R9, R13: a tier takes a closed complaint up again as it left it; time has run on."""

from datetime import datetime

from complaints.procedure.acts import Reopen
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.dates.window_dates import last_day
from complaints.procedure.enums import ClosingReason, Code, DeadlineKind, EventKind, Letter, Status, humanize_code
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import Closing
from complaints.procedure.steps import assessor, deadline_rules
from complaints.procedure.steps.closing import note_reopened
from complaints.procedure.steps.letters import automatic_letters
from complaints.procedure.steps.rules import Effect
from complaints.procedure.steps.tier import promised_dates


def reopen(c: ComplaintState, act: Reopen, now: datetime) -> Effect:
    """Reopen a complaint that was closed by mistake; it goes on as it was (R13).

    Raises RefusedError.
    """
    closing = c.closing
    if closing is None:
        raise RefusedError(Code.NOT_NOW, "The complaint is open; only a closed one is reopened.")
    _refuse_other_ways(c, closing, now)

    def effect() -> None:
        c.note(act.name, now, act.by, f"was closed: {humanize_code(closing.reason)}", free_text={"reason": act.reason})
        note_reopened(c, now, act.by)
        c.tier_period.reopened_at = now
        if closing.reason is ClosingReason.FINAL_REPLY:
            _await_reply_again(c)
        resume(c, now)
        _send_reopened_letter(c, closing, now)

    return effect


def _refuse_other_ways(c: ComplaintState, closing: Closing, now: datetime) -> None:
    """Refuse what another act takes up, and what would close again at once. Raises RefusedError."""
    if c.tier and c.tier.review and c.tier_period.replied_at:
        raise RefusedError(Code.OPINION_STANDS, "The opinion has been given: the complaint cannot be reopened.")
    if closing.reason is ClosingReason.SIGNPOSTED:
        raise RefusedError(Code.NOT_NOW, "No concern is about service; to take it up, move one to service (classify).")
    if closing.reason is ClosingReason.OUT_OF_TIME:
        raise RefusedError(Code.NOT_NOW, "The complaint came out of time; its lead may take it (accept_late).")
    ends_at = c.window.ends_at if c.window else None
    if ends_at and ends_at <= now and closing.reason in (ClosingReason.NOT_TAKEN_FURTHER, ClosingReason.SETTLED):
        assert c.next_tier, "a window leads to a tier"
        ended_on = format_date(last_day(c.calendar, ends_at))
        raise RefusedError(
            Code.WINDOW_ENDED,
            f"The time to go on to {c.next_tier.title} ended on {ended_on}; its lead may take it (accept_late).",
        )


def _await_reply_again(c: ComplaintState) -> None:
    """Take back the last tier's reply, which closed the complaint; its letter stays recorded."""
    deadline = c.latest_deadline(c.tier_period.tier, DeadlineKind.REPLY)
    assert deadline, "a reply was awaited"
    c.tier_period.replied_at = deadline.met_at = None
    deadline.sendings.clear()
    deadline.ended_at = c.closings[-1].at


def _send_reopened_letter(c: ComplaintState, closing: Closing, now: datetime) -> None:
    """Say that the complaint is open again, and what happens next."""
    ends_at = c.window.ends_at if c.window else None
    replied = c.status is Status.AWAITING_COMPLAINANT
    may_go_on = ends_at is None or ends_at > now if replied else c.status is Status.WITH_CASE_HANDLER
    may_ask = c.next_tier if may_go_on else None
    c.letter(
        Letter.REOPENED,
        now,
        "reopened",
        tier=c.tier_period.tier,
        closed_on=c.calendar.day_of(closing.at),
        replied=replied,
        may_ask=may_ask.id if may_ask else None,
        may_ask_until=last_day(c.calendar, ends_at) if ends_at and may_ask else None,
        **promised_dates(c),
    )


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
        deadline_rules.resume_notices(c, deadline, now)
    automatic_letters.reschedule(c, now)
    assessor.apply_case_state(c, c.case, now)


def deadlines_to_resume(c: ComplaintState) -> list[Deadline]:
    """List the deadlines that the last closing of the complaint ended at its tier."""
    if not c.closings or not c.tier_periods:
        return []
    at, tier = c.closings[-1].at, c.tier_id
    return [each for each in c.deadlines if each.ended_at == at and each.tier == tier and each.met_at is None]
