"""Receipt of a letter and end of a window (R7, R8, R10), for the procedure and for letters."""

from datetime import date, datetime

from complaints.procedure.dates.allowance import Allowance, DueInstant, due_by_end_of, moment
from complaints.procedure.dates.calendar import TICK, WorkingCalendar
from complaints.procedure.dates.deadlines import Deadline
from complaints.procedure.enums import Channel
from complaints.procedure.policy import Policy


def letter_receipt(policy: Policy, calendar: WorkingCalendar, sent_at: datetime, channel: Channel) -> DueInstant:
    """Return a letter's deemed receipt: by email at once, by post after `post_takes` (R7)."""
    sent = moment(calendar, sent_at)
    return sent if channel is Channel.EMAIL else policy.post_takes.due(calendar, sent)


def window_allowance(policy: Policy, tier_id: str) -> Allowance:
    """Return the time to go on from a tier, or from the case handler's step."""
    window = policy.step(tier_id).window
    assert window, "every step but the last has a window"
    return window


def window_end(
    policy: Policy,
    calendar: WorkingCalendar,
    tier_id: str | None,
    month_ends_at: datetime,
    case_closed_at: datetime | None,
) -> datetime:
    """Return a window's end: before a review, at least a month after the case closed (R8)."""
    following = policy.tier_after(tier_id) if tier_id else None
    if not (tier_id and following and following.review and case_closed_at):
        return month_ends_at
    return max(month_ends_at, window_allowance(policy, tier_id).due(calendar, moment(calendar, case_closed_at)).at)


def review_without_reply_at(
    policy: Policy, calendar: WorkingCalendar, deadline: Deadline, received_at: datetime | None = None
) -> datetime | None:
    """Return when a review may be requested although this reply has not come (R7).

    `received_at`: when the request came; an extension sent after it does not count against it.
    None if the next tier does not review, or if the policy never takes a review without a reply.
    """
    following = policy.tier_after(deadline.tier)
    terms = following and following.review
    allowed = terms and terms.reasonable_opportunity
    if not allowed:
        return None
    due_on = deadline.due_day_known_at(received_at) if received_at else deadline.due_on
    due = deadline.due if due_on == deadline.due_on else due_by_end_of(calendar, due_on)
    return allowed.due(calendar, due).at


def last_day(calendar: WorkingCalendar, ends_at: datetime) -> date:
    return calendar.day_of(ends_at - TICK)
