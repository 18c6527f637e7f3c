"""R4: a deadline is met by the earliest of its letters that went, and by none that is held."""

from datetime import datetime

from complaints.procedure.dates.allowance import moment
from complaints.procedure.dates.deadlines import Deadline, Sending
from complaints.procedure.enums import Alert, ClosingReason, DeadlineKind, EventKind, Status
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import TierPeriod
from complaints.procedure.steps import deadline_rules

CLOSED_WITH_A_LETTER = {ClosingReason.FINAL_REPLY, ClosingReason.OPINION_GIVEN, ClosingReason.NOT_TAKEN_FURTHER}
"""Closings that rest on a letter. If that letter is held, its deadline runs on."""


def meet_deadline(c: ComplaintState, deadline: Deadline | None, sending: Sending, now: datetime) -> None:
    """Meet a deadline by a letter, and withdraw the lapses after it went (R4)."""
    if deadline:
        deadline.sendings.append(sending)
        judge_deadline(c, deadline, now)


def judge_deadline(c: ComplaintState, deadline: Deadline, now: datetime) -> None:
    """Let the earliest letter that went meet the deadline; if none went, it is unmet again (R4).

    A letter that goes after the deadline ended does not meet it.
    """
    until = _ended_at(c, deadline)
    gone = (s.sent_at for s in deadline.sendings if s.letter not in c.held and (until is None or s.sent_at < until))
    met_at = min(gone, default=None)
    if met_at == deadline.met_at:
        return
    deadline.met_at = met_at
    if met_at is None:
        _make_unmet(c, deadline, now)
        return
    deadline.cancel_notices()
    in_time = met_at < deadline.at
    c.note(
        EventKind.DEADLINE_MET,
        now,
        None,
        f"{deadline_rules.label_of(c, deadline)} {'in time' if in_time else 'late'}",
        {
            "deadline": deadline.number,
            "met_at": met_at,
            "in_time": in_time,
            "in_time_at_first": met_at < deadline.first_at,
        },
    )
    what = f"{deadline_rules.label_of(c, deadline)} was sent in time and keyed late"
    withdraw_lapses(c, deadline, met_at, now, what)
    lapse_if_missed(c, deadline, now)


def record_acknowledgement(c: ComplaintState, period: TierPeriod, sending: Sending, now: datetime, by: str) -> None:
    """Record an acknowledgement; a reply counts as one, too (R4)."""
    period.acknowledged_at = min(period.acknowledged_at or sending.sent_at, sending.sent_at)
    meet_deadline(c, c.latest_deadline(period.tier, DeadlineKind.ACKNOWLEDGEMENT), sending, now)
    _apply_acknowledgement(c, period, by, now)


def judge_letter(c: ComplaintState, letter: int, by: str, now: datetime) -> None:
    """Judge every deadline that the letter meets, after it was held or has gone (R4)."""
    for deadline in c.deadlines:
        if any(sending.letter == letter for sending in deadline.sendings):
            judge_deadline(c, deadline, now)
            if deadline.kind is DeadlineKind.ACKNOWLEDGEMENT:
                period = deadline_rules.tier_period_of(c, deadline)
                period.acknowledged_at = deadline.met_at
                _apply_acknowledgement(c, period, by, now)


def withdraw_lapses(c: ComplaintState, deadline: Deadline, at: datetime, now: datetime, what: str) -> None:
    """Withdraw the lapses of dates after `at`, and alert who was alerted (R4, R5)."""
    for lapse in deadline.lapses:
        if at < lapse.due_at and not lapse.withdrawn_at:
            lapse.withdrawn_at = now
            c.note(EventKind.LAPSE_WITHDRAWN, now, None, what, {"deadline": deadline.number, "due_at": lapse.due_at})
            to = list(dict.fromkeys([*lapse.alerted, *deadline_rules.alert_recipients(c, deadline)]))
            c.alert(Alert.LAPSE_WITHDRAWN, now, to, what, deadline=deadline.number)


def lapse_if_missed(c: ComplaintState, deadline: Deadline, now: datetime) -> None:
    """Let a deadline that no longer runs lapse, if its date passed before it ended.

    One that runs lapses as scheduled.
    """
    ended_at = deadline.met_at or _ended_at(c, deadline)
    if ended_at and deadline.at <= min(ended_at, now) and not deadline.has_passed:
        deadline_rules.lapse(c, deadline, now)
        deadline.cancel_notices()


def _make_unmet(c: ComplaintState, deadline: Deadline, now: datetime) -> None:
    """Let the deadline run on, or end as unmet where its tier was left meanwhile."""
    deadline.found_unsent_at = now
    what = f"{deadline_rules.label_of(c, deadline)} is not met: its letter is held"
    detail = deadline_rules.explanation(c, deadline) | {"lapsed": deadline.has_passed}
    c.note(EventKind.DEADLINE_UNMET, now, None, what, detail)
    is_here = deadline_rules.tier_period_of(c, deadline) is c.tier_period
    if is_here and (c.closing is None or c.closing.reason in CLOSED_WITH_A_LETTER):
        deadline_rules.resume_notices(c, deadline, now)
        return
    deadline.ended_at = now
    lapse_if_missed(c, deadline, now)
    deadline_rules.note_ended(c, deadline, now)


def _ended_at(c: ComplaintState, deadline: Deadline) -> datetime | None:
    """Return when a deadline ended unmet: the complaint left its tier, or closed.

    None while it runs.
    """
    if deadline.ended_at is None:
        return None
    left_at = deadline_rules.tier_period_of(c, deadline).left_at
    return left_at or (c.closing.at if c.closing else deadline.ended_at)


def _apply_acknowledgement(c: ComplaintState, period: TierPeriod, by: str, now: datetime) -> None:
    """Set the status, and the reply clock if it starts at the acknowledgement (R3).

    Without an acknowledgement that went, that clock starts at the day on which it is due.
    """
    acknowledgement = c.latest_deadline(period.tier, DeadlineKind.ACKNOWLEDGEMENT)
    awaited = Status.AWAITING_ACKNOWLEDGEMENT
    if period is c.tier_period and c.status in (awaited, Status.AWAITING_REPLY):
        c.status = awaited if acknowledgement and acknowledgement.is_running else Status.AWAITING_REPLY
    terms = c.policy.tier(period.tier).reply
    deadline = c.latest_deadline(period.tier, DeadlineKind.REPLY)
    if not (acknowledgement and terms and deadline and deadline.is_running and terms.counts_from == "acknowledgement"):
        return
    start = acknowledgement.due
    if acknowledgement.met_at:
        start = min(moment(c.calendar, acknowledgement.met_at), start)
    due = terms.within.due(c.calendar, start)
    if due.at != deadline.first_at:
        deadline.day_0, deadline.start_at = start
        if deadline.is_extended:
            deadline.first_on, deadline.first_at = due
        else:
            deadline_rules.move_deadline(c, deadline, due, "R3", by, now, first=due)
