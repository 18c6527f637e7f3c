"""Closing, reopening, and what withdraws or resolves a complaint (R13)."""

from datetime import datetime

from complaints.procedure.acts import CloseInError, Resolve, Withdraw
from complaints.procedure.dates.allowance import moment
from complaints.procedure.enums import ClosingReason, Code, EventKind, Letter, Status
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import Closing
from complaints.procedure.steps import deadline_rules
from complaints.procedure.steps.rules import Effect

TOLD_BY_ANOTHER_LETTER = {
    ClosingReason.SIGNPOSTED,
    ClosingReason.OUT_OF_TIME,
    ClosingReason.FINAL_REPLY,
    ClosingReason.REVIEW_DECLINED,
    ClosingReason.OPINION_GIVEN,
}


def close(c: ComplaintState, reason: ClosingReason, at: datetime, by: str | None = None) -> None:
    deadline_rules.end_deadlines(c, at)
    if c.tier_periods:
        c.tier_period.notice_at = None
    c.status = Status.CLOSED
    c.closings.append(Closing(at=at, reason=reason))
    what = f"closed: {reason.replace('_', ' ')}"
    c.note(EventKind.CLOSED, at, by, what, {"reason": reason})
    in_silence = reason is ClosingReason.OPENED_IN_ERROR and not _has_been_written_to(c)
    if reason not in TOLD_BY_ANOTHER_LETTER and not in_silence:
        tell_closed(c, reason, at)


def tell_closed(c: ComplaintState, reason: ClosingReason, at: datetime) -> None:
    what = f"closed: {reason.replace('_', ' ')}"
    c.letter(Letter.CLOSED, at, what, reason=reason, to_carry_out=len(c.open_undertakings))


def _has_been_written_to(c: ComplaintState) -> bool:
    """By a letter of the product's, or by one that had gone before it was keyed."""
    by_us = c.events[0].sequence > 1 or any(event.kind == EventKind.LETTER for event in c.events)
    return by_us or any(stay.acknowledged_at or stay.replied_at for stay in c.tier_periods)


def reopen(c: ComplaintState, at: datetime, by: str | None) -> None:
    """A closed complaint is taken up again; its closings stay on the record."""
    if c.closing:
        c.note(EventKind.REOPENED, at, by, "reopened", {"was": c.closing.reason})


def retires_at(c: ComplaintState) -> datetime | None:
    """When a closed complaint's workflow may complete: the reopening period is over, and nothing left to carry out."""
    if not c.closing or c.open_undertakings:
        return None
    return c.policy.reopening_period.due(c.calendar, moment(c.calendar, c.closing.at)).at


def resolve(c: ComplaintState, act: Resolve, now: datetime) -> Effect:
    _refuse_after_opinion(c)

    def effect() -> None:
        c.note(act.name, now, act.by, "the complainant says that it is resolved")
        close(c, ClosingReason.RESOLVED, now, act.by)

    return effect


def withdraw(c: ComplaintState, act: Withdraw, now: datetime) -> Effect:
    _refuse_after_opinion(c)

    def effect() -> None:
        c.note(act.name, now, act.by, "the complainant withdraws the complaint", free_text={"reason": act.reason})
        close(c, ClosingReason.WITHDRAWN, now, act.by)

    return effect


def close_in_error(c: ComplaintState, act: CloseInError, now: datetime) -> Effect:
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
