"""R14: a late holiday or a changed policy recalculates every open date."""

from datetime import datetime
from typing import NamedTuple

from complaints.procedure.acts import Act, ChangePolicy, Recalendar
from complaints.procedure.dates.allowance import Allowance, DueInstant, due_by_end_of, moment
from complaints.procedure.dates.calendar import TICK, WorkingCalendar
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.dates.deadlines import Deadline, Lapse
from complaints.procedure.enums import Alert, ClosingReason, Code, DeadlineKind, EventKind
from complaints.procedure.policy import Policy
from complaints.procedure.recalculation.basis import Basis, RepeatedNotice, moved_notice_at
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps import assessor, case_handler, deadline_rules, undertakings, window
from complaints.procedure.steps.letters import automatic_letters
from complaints.procedure.steps.resumption import deadlines_to_resume
from complaints.procedure.steps.rules import Effect

RULE = "R14"


class RecountedDeadline(NamedTuple):
    """A running deadline's dates by a new basis."""

    allowance: Allowance
    start: DueInstant
    dates: list[DueInstant]
    """The first date, then each extended date."""


class BasisChange(NamedTuple):
    """The act by which dates change: its event's number, its actor and its instant."""

    event: int
    by: str
    at: datetime


def recalendar(c: ComplaintState, act: Recalendar, now: datetime) -> Effect:
    """Recalculate every open date by another calendar. Raises RefusedError.

    A closed complaint accepts it, too: it may reopen, and it may have open undertakings.
    """
    calendar = _join_calendars(c, act.calendar)
    days = c.calendar.changes_to(calendar)
    if not days:
        raise RefusedError(Code.ALREADY_DONE, f"The complaint has the working days of {calendar.version} already.")
    return _effect(c, act, c.policy, calendar, now, "; ".join(map(str, days)), act.reason)


def change_policy(c: ComplaintState, act: ChangePolicy, now: datetime) -> Effect:
    """Recalculate every open date by another policy and calendar. Raises RefusedError."""
    c.refuse_if_closed()
    calendar = _join_calendars(c, act.calendar)
    if act.policy == c.policy and not c.calendar.changes_to(calendar):
        raise RefusedError(Code.ALREADY_DONE, f"The complaint has the policy {act.policy.name} already.")
    if missing := _missing_parts(c, act.policy):
        raise RefusedError(Code.NO_SUCH_TIER, f"policy: {act.policy.name} {'; '.join(missing)}.")
    return _effect(c, act, act.policy, calendar, now, f"{c.policy.name} is {act.policy.name}", act.reason)


def _join_calendars(c: ComplaintState, calendar: WorkingCalendar) -> WorkingCalendar:
    """Return the calendar, extended by the complaint's own later years. Raises RefusedError."""
    if calendar.first > c.calendar.first:
        raise RefusedError(
            Code.BEYOND_CALENDAR, f"calendar: it begins too late; give one from {format_date(c.calendar.first)} on."
        )
    return calendar if calendar.last >= c.calendar.last else calendar.extended(c.calendar)


def _missing_parts(c: ComplaintState, policy: Policy) -> list[str]:
    """List what the complaint has reached and the policy lacks."""
    known = {tier.id for tier in policy.tiers} | ({policy.case_handler.id} if policy.case_handler else set())
    tiers = [period.tier for period in c.tier_periods if period.tier not in known]
    if tiers:
        return [f"has no tier {tier}" for tier in dict.fromkeys(tiers)]
    missing = [
        f"has no {deadline.kind.label} at {deadline.tier}"
        for deadline in c.deadlines
        if deadline.is_running and _allowance_of(policy, deadline) is None
    ]
    if c.window and policy.step(c.tier_period.tier).window is None:
        missing.append(f"has no tier after {c.tier_period.tier}")
    if c.tier and c.tier.review and policy.tier(c.tier_period.tier).review is None:
        missing.append(f"has no review at {c.tier_period.tier}")
    return missing


def _effect(
    c: ComplaintState, act: Act, policy: Policy, calendar: WorkingCalendar, now: datetime, what: str, reason: str
) -> Effect:
    counts = _recount_deadlines(c, Basis(policy, calendar))
    old_basis = Basis(c.policy, c.calendar)

    def effect() -> None:
        detail = {
            "calendar": calendar.version,
            "was": old_basis.calendar.version,
            "days": old_basis.calendar.changes_to(calendar),
            "policy": policy.name,
            "policy_was": old_basis.policy.name,
        }
        c.note(act.name, now, act.by, what, detail, {"reason": reason})
        change = BasisChange(c.sequence, act.by, now)
        for deadline in c.deadlines:
            if deadline.number not in counts:
                _freeze_ledger(c, deadline)
        if policy != c.policy and c.tier_periods:
            c.tier_period.policy_changed_at = now
        c.policy, c.calendar = policy, calendar
        for number, count in counts.items():
            _apply_recount(c, c.deadlines[number - 1], count, old_basis, change)
        undertakings.recalculate_undertakings(c, old_basis, change.at)
        window.recalculate_window(c, now)
        case_handler.recalculate_alert(c)
        assessor.recalculate_reminder(c, old_basis, now)
        automatic_letters.reschedule(c, now)

    return effect


def _recount_deadlines(c: ComplaintState, basis: Basis) -> dict[int, RecountedDeadline]:
    """Return each running deadline's dates by its number. Raises BeyondCalendarError.

    Those of a signposted complaint are included: `classify` may take it up again as it was.
    """
    paused = deadlines_to_resume(c) if c.closing and c.closing.reason is ClosingReason.SIGNPOSTED else []
    counts: dict[int, RecountedDeadline] = {}
    for deadline in c.deadlines:
        allowance = _allowance_of(basis.policy, deadline)
        if (deadline.is_running or deadline in paused) and allowance:
            start = _start_of(c, basis, deadline, counts)
            first = deadline.first if start is None else allowance.due(basis.calendar, start)
            counts[deadline.number] = RecountedDeadline(
                allowance,
                start or DueInstant(deadline.day_0, deadline.set_at),
                _recount_dates(deadline, first, basis.calendar),
            )
    return counts


def _allowance_of(policy: Policy, deadline: Deadline) -> Allowance | None:
    tier = policy.tier(deadline.tier)
    if deadline.kind is DeadlineKind.ACKNOWLEDGEMENT:
        return tier.acknowledge_within
    if deadline.kind is DeadlineKind.REPLY:
        return tier.reply.within if tier.reply else None
    if tier.review is None:
        return None
    return tier.review.opinion_within if deadline.kind is DeadlineKind.OPINION else tier.review.answer_within


def _start_of(
    c: ComplaintState, basis: Basis, deadline: Deadline, counts: dict[int, RecountedDeadline]
) -> DueInstant | None:
    """Return from when the deadline counts; None if that instant is not known.

    A reply that counts from an acknowledgement still to come counts from that one's new day (R3).
    """
    reply = basis.policy.tier(deadline.tier).reply
    if deadline.kind is DeadlineKind.REPLY and reply and reply.counts_from == "acknowledgement":
        acknowledgement = c.latest_deadline(deadline.tier, DeadlineKind.ACKNOWLEDGEMENT)
        if acknowledgement and acknowledgement.number in counts:
            return counts[acknowledgement.number].dates[-1]
        if acknowledgement and acknowledgement.met_at:
            return min(moment(basis.calendar, acknowledgement.met_at), acknowledgement.due)
    if deadline.kind in (DeadlineKind.ACKNOWLEDGEMENT, DeadlineKind.REPLY):
        return moment(basis.calendar, deadline_rules.tier_period_of(c, deadline).started_at)
    return DueInstant(deadline.day_0, deadline.start_at) if deadline.start_at else None


def _recount_dates(deadline: Deadline, first: DueInstant, calendar: WorkingCalendar) -> list[DueInstant]:
    """Return the first date, then each extended date, moved to a working day if necessary.

    An extended date is never before the first date.
    """
    named = (calendar.working_day_from(move.to_on) for move in deadline.extensions)
    return [first, *(max(first, due_by_end_of(calendar, day)) for day in named)]


def _freeze_ledger(c: ComplaintState, deadline: Deadline) -> None:
    """Keep the skipped days of an ended deadline, which still explains itself by them (R12)."""
    if deadline.skipped is None:
        ended_at = deadline.met_at or deadline.ended_at or deadline.at
        last = max(deadline.due_on, deadline.first_on, c.calendar.day_of(ended_at))
        first = min(deadline.day_0, c.calendar.day_of(ended_at))
        deadline.skipped = {day.on: day.skipped for day in c.calendar.ledger(first, last) if day.skipped}
        deadline.policy_version = deadline.policy_version or c.policy.name


def _apply_recount(
    c: ComplaintState, deadline: Deadline, count: RecountedDeadline, old_basis: Basis, change: BasisChange
) -> None:
    first, current = count.dates[0], max(count.dates)
    old_dates = _recount_dates(deadline, deadline.first, old_basis.calendar)
    old_due, chase_at = deadline.due, deadline.chase_at
    withdrawn = _redate_lapses(deadline, old_dates, count.dates, change.at)
    deadline.count_by(count.allowance, count.start)
    deadline.skipped = None
    deadline.calendar_version, deadline.policy_version = c.calendar.version, c.policy.name
    if (first, current) != (deadline.first, old_due):
        deadline_rules.move_deadline(c, deadline, current, RULE, change.by, change.at, first=first, event=change.event)
    _recount_notices(c, deadline, old_basis, old_due, chase_at, change.at)
    for lapse, due in withdrawn:
        _withdraw_lapse(c, deadline, lapse, due, change.at)


def _redate_lapses(
    deadline: Deadline, old_dates: list[DueInstant], dates: list[DueInstant], now: datetime
) -> list[tuple[Lapse, DueInstant]]:
    """Move the lapses of dates that have moved; return those withdrawn, each with its new date.

    A lapse is withdrawn if the new date was not past while it was in force.
    """
    until = [move.moved_at for move in deadline.extensions] + [now]
    withdrawn = []
    for lapse in deadline.lapses:
        index = next((n for n, due in enumerate(old_dates) if due.at == lapse.due_at), None)
        if index is None or lapse.withdrawn_at:
            continue
        if dates[index].at > until[index]:
            lapse.withdrawn_at = now
            withdrawn.append((lapse, dates[index]))
        else:
            lapse.due_at = dates[index].at
            lapse.lapsed_at = max(lapse.lapsed_at, lapse.due_at)
    return withdrawn


def _recount_notices(
    c: ComplaintState,
    deadline: Deadline,
    old_basis: Basis,
    old_due: DueInstant,
    chase_at: datetime | None,
    now: datetime,
) -> None:
    if not deadline.has_passed:
        if deadline.remind_at:
            deadline_rules.set_reminder(c, deadline, now)
        return
    deadline.remind_at = None
    old_reply, reply = old_basis.policy.tier(deadline.tier).reply, c.policy.tier(deadline.tier).reply
    if deadline.kind is DeadlineKind.REPLY and old_reply and reply and chase_at:
        old, new = RepeatedNotice(old_reply.chase_every, old_due), RepeatedNotice(reply.chase_every, deadline.due)
        deadline.chase_at = moved_notice_at(c, old_basis, old, new, chase_at, now)
        deadline.escalate_at = deadline_rules.escalates_at(c, deadline, reply)


def _withdraw_lapse(c: ComplaintState, deadline: Deadline, lapse: Lapse, due: DueInstant, now: datetime) -> None:
    old_day = c.calendar.day_of(lapse.due_at - TICK)
    verb = "is" if due.at > now else "was"
    what = f"{deadline_rules.label_of(c, deadline)} {verb} due by {format_date(due.on)}"
    what += f", not {format_date(old_day)}: it {verb} not late"
    detail = {"deadline": deadline.number, "due_at": lapse.due_at, "rule": RULE}
    c.note(EventKind.LAPSE_WITHDRAWN, now, None, what, detail)
    to = list(dict.fromkeys([*lapse.alerted, *deadline_rules.alert_recipients(c, deadline)]))
    c.alert(Alert.NOT_LATE_AFTER_ALL, now, to, what, deadline=deadline.number)
