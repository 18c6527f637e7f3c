"""R13: a complaint closes, is reopened, and retires."""

from datetime import datetime

from complaints.procedure.acts import CloseInError, Resolve, Withdraw
from complaints.procedure.dates.allowance import moment
from complaints.procedure.dates.window_dates import last_day
from complaints.procedure.enums import Alert, ClosingReason, Code, EventKind, Letter, Status, humanize_code
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import Closing
from complaints.procedure.steps import deadline_rules
from complaints.procedure.steps.rules import Effect

REASONS_WITH_A_LETTER_OF_THEIR_OWN = {
    ClosingReason.SIGNPOSTED,
    ClosingReason.OUT_OF_TIME,
    ClosingReason.FINAL_REPLY,
    ClosingReason.REVIEW_DECLINED,
    ClosingReason.OPINION_GIVEN,
}
ENDED_WITH_THE_WINDOW = (ClosingReason.SETTLED, ClosingReason.NOT_TAKEN_FURTHER)


def close(
    c: ComplaintState,
    reason: ClosingReason,
    at: datetime,
    by: str | None = None,
    *,
    letter_at: datetime | None = None,
) -> None:
    """Close the complaint, and send the closing letter unless another letter says so.

    `letter_at`: when the letter goes, if not at once.
    """
    deadline_rules.end_deadlines(c, at)
    closing = Closing(at=at, reason=reason, letter_at=letter_at)
    if c.tier_periods:
        closing.status, closing.notice_at = c.status, c.tier_period.notice_at
        c.tier_period.notice_at = None
    c.status = Status.CLOSED
    c.closings.append(closing)
    what = f"closed: {humanize_code(reason)}"
    c.note(EventKind.CLOSED, at, by, what, {"reason": reason})
    is_silent = reason is ClosingReason.OPENED_IN_ERROR and not _has_had_a_letter(c)
    if reason not in REASONS_WITH_A_LETTER_OF_THEIR_OWN and not is_silent and letter_at is None:
        send_closing_letter(c, reason, at)


def send_closing_letter(c: ComplaintState, reason: ClosingReason, at: datetime) -> None:
    """Send the letter that says why the complaint closed.

    If the window has revived since, the letter names the tier that the complainant may ask (R7).
    """
    assert c.closing, "the complaint is closed"
    ends_at = c.window.ends_at if c.window else None
    has_revived = reason in ENDED_WITH_THE_WINDOW and (ends_at is None or ends_at > at)
    may_ask = c.next_tier if has_revived else None
    c.letter(
        Letter.CLOSED,
        at,
        f"closed: {humanize_code(reason)}",
        reason=reason,
        happened_on=c.calendar.day_of(c.closing.at),
        to_carry_out=len(c.open_undertakings),
        may_ask=may_ask.id if may_ask else None,
        may_ask_until=last_day(c.calendar, ends_at) if ends_at and may_ask else None,
    )


def _has_had_a_letter(c: ComplaintState) -> bool:
    """Return whether a letter went: the product's, or one that had gone before it was keyed."""
    has_letter = c.events[0].sequence > 1 or any(event.kind == EventKind.LETTER for event in c.events)
    return has_letter or any(period.acknowledged_at or period.replied_at for period in c.tier_periods)


def note_reopened(c: ComplaintState, at: datetime, by: str | None) -> None:
    """Record that a closed complaint is reopened; its closings stay. No effect on an open one."""
    if c.closing:
        if c.tier_periods:
            c.tier_period.alert_owed = None if by and by == c.holder else Alert.GOES_ON
        c.note(EventKind.REOPENED, at, by, "reopened", {"was": c.closing.reason})


def retires_at(c: ComplaintState) -> datetime | None:
    """Return when the reopening period ends and the workflow may complete.

    None while the complaint is open, an undertaking is still to be carried out, or a deadline runs on because its
    letter is held. A window that has revived with a later end is answered until that end (R7). The letter about
    the closing goes first.
    """
    if not c.closing or c.open_undertakings or any(deadline.is_running for deadline in c.deadlines):
        return None
    retires_at = c.policy.reopening_period.due(c.calendar, moment(c.calendar, c.closing.at)).at
    later = (c.window.ends_at if c.window else None, c.closing.letter_at)
    return max([retires_at, *(at for at in later if at)])


def resolve(c: ComplaintState, act: Resolve, now: datetime) -> Effect:
    """Close the complaint, because it is resolved for the complainant. Raises RefusedError."""
    _refuse_after_opinion(c)

    def effect() -> None:
        c.note(act.name, now, act.by, "the complainant says that it is resolved")
        close(c, ClosingReason.RESOLVED, now, act.by)

    return effect


def withdraw(c: ComplaintState, act: Withdraw, now: datetime) -> Effect:
    """Close the complaint, because the complainant withdraws it. Raises RefusedError."""
    _refuse_after_opinion(c)

    def effect() -> None:
        c.note(act.name, now, act.by, "the complainant withdraws the complaint", free_text={"reason": act.reason})
        close(c, ClosingReason.WITHDRAWN, now, act.by)

    return effect


def close_in_error(c: ComplaintState, act: CloseInError, now: datetime) -> Effect:
    """Close a complaint that was opened in error. Raises RefusedError."""
    c.refuse_if_closed()

    def effect() -> None:
        c.note(act.name, now, act.by, "opened in error", free_text={"reason": act.reason})
        close(c, ClosingReason.OPENED_IN_ERROR, now, act.by)

    return effect


def _refuse_after_opinion(c: ComplaintState) -> None:
    c.refuse_if_closed()
    if c.status is Status.AWAITING_RECOMMENDATIONS:
        raise RefusedError(
            Code.OPINION_STANDS, "The opinion has been given: the complaint can be neither withdrawn nor resolved."
        )
