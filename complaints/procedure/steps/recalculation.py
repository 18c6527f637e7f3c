"""A holiday announced late, or a policy that changes: every open date is counted afresh, first and current (R14)."""

from datetime import datetime
from typing import NamedTuple

from complaints.procedure.acts import Act, ChangePolicy, Recalendar
from complaints.procedure.dates.allowance import Allowance, DueInstant, due_by_end_of, moment
from complaints.procedure.dates.calendar import TICK, WorkingCalendar
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.dates.deadlines import Deadline, Lapse
from complaints.procedure.enums import Alert, Code, DeadlineKind, EventKind
from complaints.procedure.policy import Policy
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps import assessor, case_handler, deadline_rules, undertakings, window
from complaints.procedure.steps.recalculation_basis import Basis, Repeated, same_notice
from complaints.procedure.steps.rules import Effect

RULE = "R14"


class Count(NamedTuple):
    """A running deadline, counted afresh."""

    allowance: Allowance
    start: DueInstant
    dates: list[DueInstant]
    """The first date, then each to which it was extended."""


class BasisChange(NamedTuple):
    """By which act dates change: its event, its actor and its instant."""

    event: int
    by: str
    at: datetime


def recalendar(c: ComplaintState, act: Recalendar, now: datetime) -> Effect:
    """Taken on a closed complaint too, which may be taken up again and may have promised something."""
    calendar = _joined(c, act.calendar)
    days = c.calendar.changes_to(calendar)
    if not days:
        raise RefusedError(Code.ALREADY_DONE, f"The complaint has the working days of {calendar.version} already.")
    return _effect(c, act, c.policy, calendar, now, "; ".join(map(str, days)), act.reason)


def change_policy(c: ComplaintState, act: ChangePolicy, now: datetime) -> Effect:
    c.refuse_if_closed()
    calendar = _joined(c, act.calendar)
    if act.policy == c.policy and not c.calendar.changes_to(calendar):
        raise RefusedError(Code.ALREADY_DONE, f"The complaint has the policy {act.policy.name} already.")
    if lacking := _lacking(c, act.policy):
        raise RefusedError(Code.NO_SUCH_TIER, f"policy: {act.policy.name} {'; '.join(lacking)}.")
    return _effect(c, act, act.policy, calendar, now, f"{c.policy.name} is {act.policy.name}", act.reason)


def _joined(c: ComplaintState, given: WorkingCalendar) -> WorkingCalendar:
    """The calendar given, with the later years that the complaint knows beyond it. Raises RefusedError."""
    if given.first > c.calendar.first:
        raise RefusedError(Code.BEYOND_CALENDAR, f"calendar: give one from {format_date(c.calendar.first)} on.")
    return given if given.last >= c.calendar.last else given.extended(c.calendar)


def _lacking(c: ComplaintState, policy: Policy) -> list[str]:
    """What the complaint has come to and the policy does not know."""
    known = {tier.id for tier in policy.tiers} | ({policy.case_handler.id} if policy.case_handler else set())
    tiers = [stay.tier for stay in c.tier_periods if stay.tier not in known]
    if tiers:
        return [f"has no tier {tier}" for tier in dict.fromkeys(tiers)]
    lacking = [
        f"has no {deadline.kind.label} at {deadline.tier}"
        for deadline in c.deadlines
        if deadline.is_running and _allowance(policy, deadline) is None
    ]
    if c.window and policy.step(c.tier_period.tier).window is None:
        lacking.append(f"has no tier after {c.tier_period.tier}")
    if c.tier and c.tier.review and policy.tier(c.tier_period.tier).review is None:
        lacking.append(f"has no review at {c.tier_period.tier}")
    return lacking


def _effect(
    c: ComplaintState, act: Act, policy: Policy, calendar: WorkingCalendar, now: datetime, what: str, reason: str
) -> Effect:
    counts = _counted(c, Basis(policy, calendar))
    was = Basis(c.policy, c.calendar)

    def effect() -> None:
        detail = {
            "calendar": calendar.version,
            "was": was.calendar.version,
            "days": was.calendar.changes_to(calendar),
            "policy": policy.name,
            "policy_was": was.policy.name,
        }
        c.note(act.name, now, act.by, what, detail, {"reason": reason})
        change = BasisChange(c.sequence, act.by, now)
        for deadline in c.deadlines:
            if deadline.number not in counts:
                _keep_as_counted(c, deadline)
        c.policy, c.calendar = policy, calendar
        for number, count in counts.items():
            _recount(c, c.deadlines[number - 1], count, was, change)
        undertakings.recount(c, was, change.at)
        window.recount(c, now)
        case_handler.recount(c)
        assessor.recount(c, was, now)

    return effect


def _counted(c: ComplaintState, basis: Basis) -> dict[int, Count]:
    """The running deadlines by their numbers; changes nothing. Raises BeyondCalendarError."""
    counts: dict[int, Count] = {}
    for deadline in c.deadlines:
        allowance = _allowance(basis.policy, deadline)
        if deadline.is_running and allowance:
            start = _start(c, basis, deadline, counts)
            first = deadline.first if start is None else allowance.due(basis.calendar, start)
            counts[deadline.number] = Count(
                allowance, start or DueInstant(deadline.day_0, deadline.set_at), _dates(deadline, first, basis.calendar)
            )
    return counts


def _allowance(policy: Policy, deadline: Deadline) -> Allowance | None:
    tier = policy.tier(deadline.tier)
    if deadline.kind is DeadlineKind.ACKNOWLEDGEMENT:
        return tier.acknowledge_within
    if deadline.kind is DeadlineKind.REPLY:
        return tier.reply.within if tier.reply else None
    if tier.review is None:
        return None
    return tier.review.opinion_within if deadline.kind is DeadlineKind.OPINION else tier.review.answer_within


def _start(c: ComplaintState, basis: Basis, deadline: Deadline, counts: dict[int, Count]) -> DueInstant | None:
    """From when it counts; a reply that counts from an acknowledgement still to come, from that one's new day (R3).

    None: from an instant that is not known.
    """
    reply = basis.policy.tier(deadline.tier).reply
    if deadline.kind is DeadlineKind.REPLY and reply and reply.counts_from == "acknowledgement":
        acknowledgement = c.latest_deadline(deadline.tier, DeadlineKind.ACKNOWLEDGEMENT)
        if acknowledgement and acknowledgement.number in counts:
            return counts[acknowledgement.number].dates[-1]
        if acknowledgement and acknowledgement.met_at:
            return min(moment(basis.calendar, acknowledgement.met_at), acknowledgement.due)
    if deadline.kind in (DeadlineKind.ACKNOWLEDGEMENT, DeadlineKind.REPLY):
        return moment(basis.calendar, deadline_rules.tier_period(c, deadline).started_at)
    return DueInstant(deadline.day_0, deadline.start_at) if deadline.start_at else None


def _dates(deadline: Deadline, first: DueInstant, calendar: WorkingCalendar) -> list[DueInstant]:
    """The first date, and each that was named by an extension: if one does not work on it, the next working day.

    More time is never less: none of them lies before the first date.
    """
    named = (calendar.working_day_from(move.to_on) for move in deadline.extensions)
    return [first, *(max(first, due_by_end_of(calendar, day)) for day in named)]


def _keep_as_counted(c: ComplaintState, deadline: Deadline) -> None:
    """An ended deadline goes on to explain itself by the days that it was counted by."""
    if deadline.skipped is None:
        ended_at = deadline.met_at or deadline.ended_at or deadline.at
        last = max(deadline.due_on, deadline.first_on, c.calendar.day_of(ended_at))
        first = min(deadline.day_0, c.calendar.day_of(ended_at))
        deadline.skipped = {day.on: day.skipped for day in c.calendar.ledger(first, last) if day.skipped}
        deadline.policy_version = deadline.policy_version or c.policy.name


def _recount(c: ComplaintState, deadline: Deadline, count: Count, was: Basis, change: BasisChange) -> None:
    first, current = count.dates[0], count.dates[-1]
    had = _dates(deadline, deadline.first, was.calendar)
    was_due, chase_at = deadline.due, deadline.chase_at
    withdrawn = _date_lapses(deadline, had, count.dates, change.at)
    deadline.day_0, deadline.start_at = count.start
    deadline.allowance = str(count.allowance)
    deadline.calendar_version, deadline.policy_version = c.calendar.version, c.policy.name
    if (first, current) != (deadline.first, was_due):
        deadline_rules.move_deadline(c, deadline, current, RULE, change.by, change.at, first=first, event=change.event)
    _recount_notices(c, deadline, was, was_due, chase_at, change.at)
    for lapse, due in withdrawn:
        _withdraw(c, deadline, lapse, due, change.at)


def _date_lapses(
    deadline: Deadline, had: list[DueInstant], dates: list[DueInstant], now: datetime
) -> list[tuple[Lapse, DueInstant]]:
    """Lapses of dates that have become later: either still late, by the new date, or not late while it was in force.

    Those that are withdrawn, each with its new date.
    """
    until = [move.moved_at for move in deadline.extensions] + [now]
    withdrawn = []
    for lapse in deadline.lapses:
        place = next((n for n, due in enumerate(had) if due.at == lapse.due_at), None)
        if place is None or lapse.withdrawn_at:
            continue
        if dates[place].at > until[place]:
            lapse.withdrawn_at = now
            withdrawn.append((lapse, dates[place]))
        else:
            lapse.due_at = dates[place].at
            lapse.lapsed_at = max(lapse.lapsed_at, lapse.due_at)
    return withdrawn


def _recount_notices(
    c: ComplaintState, deadline: Deadline, was: Basis, was_due: DueInstant, chase_at: datetime | None, now: datetime
) -> None:
    if not deadline.has_passed:
        if deadline.remind_at:
            deadline_rules.set_reminder(c, deadline, now)
        return
    deadline.remind_at = None
    had, reply = was.policy.tier(deadline.tier).reply, c.policy.tier(deadline.tier).reply
    if deadline.kind is DeadlineKind.REPLY and had and reply and chase_at:
        old, new = Repeated(had.chase_every, was_due), Repeated(reply.chase_every, deadline.due)
        deadline.chase_at = same_notice(c, was, old, new, chase_at, now)
        deadline.escalate_at = deadline_rules.escalates_at(c, deadline, reply)


def _withdraw(c: ComplaintState, deadline: Deadline, lapse: Lapse, due: DueInstant, now: datetime) -> None:
    was = c.calendar.day_of(lapse.due_at - TICK)
    verb = "is" if due.at > now else "was"
    what = f"{deadline_rules.what_of(c, deadline)} {verb} due by {format_date(due.on)}"
    what += f", not {format_date(was)}: it {verb} not late"
    detail = {"deadline": deadline.number, "due_at": lapse.due_at, "rule": RULE}
    c.note(EventKind.LAPSE_WITHDRAWN, now, None, what, detail)
    to = list(dict.fromkeys([*lapse.alerted, *deadline_rules.alerted(c, deadline)]))
    c.alert(Alert.NOT_LATE_AFTER_ALL, now, to, what, deadline=deadline.number)
