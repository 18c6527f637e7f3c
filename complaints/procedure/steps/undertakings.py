"""R8: undertakings are carried out by their date, or chased, also after closing."""

from collections.abc import Iterator
from datetime import date, datetime
from functools import partial

from complaints.procedure.acts import CarryOut, NotCarriedOut, ReassignUndertaking
from complaints.procedure.dates.allowance import DueInstant, due_by_end_of, moment
from complaints.procedure.dates.calendar import TICK
from complaints.procedure.dates.date_format import format_date
from complaints.procedure.enums import Alert, ClosingReason, Code, EventKind, RemedyKind, Status
from complaints.procedure.recalculation.basis import Basis, RepeatedNotice, moved_notice_at
from complaints.procedure.refusals import RefusedError
from complaints.procedure.remedies import Remedy
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import Recommendation, Undertaking
from complaints.procedure.steps import closing
from complaints.procedure.steps.rules import Effect, EventPriority, ScheduledEvent, numbers_to_give


def add_undertaking(
    c: ComplaintState,
    promised: Remedy | Recommendation,
    tiers: list[str],
    owner: str,
    by: date | None,
    start: datetime,
    now: datetime,
) -> date | None:
    """Add an undertaking for a remedy or an accepted recommendation; return its due day.

    Add none, and return None, for a remedy that is an apology: the reply makes it.
    `by`: the due day that somebody named; None: the policy's allowance, counted from `start`.
    """
    recommendation = promised if isinstance(promised, Recommendation) else None
    if promised.kind is RemedyKind.APOLOGY and recommendation is None:
        return None
    due = (
        due_by_end_of(c.calendar, by) if by else c.policy.undertakings.within.due(c.calendar, moment(c.calendar, start))
    )
    undertaking = Undertaking(
        number=len(c.undertakings) + 1,
        what=str(promised),
        kind=promised.kind,
        pence=promised.pence,
        recommendation=recommendation.number if recommendation else None,
        tiers=tiers,
        owner=owner,
        given_in=c.sequence + 1,
        day_0=None if by else c.calendar.day_of(start),
        by=due.on,
        by_at=due.at,
    )
    c.undertakings.append(undertaking)
    if recommendation:
        recommendation.undertaking = undertaking.number
    c.note(
        EventKind.UNDERTAKING_SET,
        now,
        owner,
        _describe(undertaking),
        {"undertaking": undertaking.number, "kind": promised.kind, "pence": promised.pence, "by": due.on},
    )
    return due.on


def replace_undertaking(c: ComplaintState, undertaking: Undertaking, by: str, now: datetime) -> None:
    """End an undertaking that the corrected reply no longer promises (R4)."""
    undertaking.replaced_at, undertaking.chase_at = now, None
    what = f"undertaking {undertaking.number} replaced: the reply was corrected"
    c.note(EventKind.UNDERTAKING_REPLACED, now, by, what, {"undertaking": undertaking.number})


def carry_out(c: ComplaintState, act: CarryOut, now: datetime) -> Effect:
    """Record that an undertaking was carried out. A closed complaint accepts it, too (R13).

    Raises RefusedError.
    """
    undertaking = _find_open_undertaking(c, act.undertaking)

    def effect() -> None:
        at = undertaking.carried_out_at = act.instant(now)
        undertaking.chase_at = None
        c.note(
            act.name,
            now,
            act.by,
            f"undertaking {undertaking.number} carried out",
            {"undertaking": undertaking.number, "carried_out_at": at, "in_time": at < undertaking.by_at},
        )
        if undertaking.lapsed_at and at < undertaking.by_at:
            undertaking.lapsed_at = None
            what = f"undertaking {undertaking.number} was carried out in time and keyed late"
            c.note(EventKind.LAPSE_WITHDRAWN, now, None, what, {"undertaking": undertaking.number})
            c.alert(Alert.LAPSE_WITHDRAWN, now, _alert_recipients(c, undertaking), what, undertaking=undertaking.number)
        if close_if_all_done(c, now):
            closing.send_closing_letter(c, ClosingReason.OPINION_GIVEN, now)

    return effect


def not_carried_out(c: ComplaintState, act: NotCarriedOut, now: datetime) -> Effect:
    """Take back that an undertaking was carried out. One whose date has passed lapses at once.

    One that the corrected reply no longer promises is replaced. A complaint that closed because every recommendation
    was carried out is open again. Raises RefusedError.
    """
    carried_out = [each.number for each in c.undertakings if each.carried_out_at]
    undertaking = _find_undertaking(c, act.undertaking, carried_out)
    if undertaking.carried_out_at is None:
        raise RefusedError(Code.NOT_NOW, f"Undertaking {undertaking.number} is not recorded as carried out.")

    def effect() -> None:
        undertaking.carried_out_at = None
        what = f"undertaking {undertaking.number} was not carried out"
        c.note(act.name, now, act.by, what, {"undertaking": undertaking.number}, {"reason": act.reason})
        if not undertaking.is_promised:
            replace_undertaking(c, undertaking, act.by, now)
        elif undertaking.lapsed_at:
            _set_chaser(c, undertaking, now + TICK)
        if undertaking.recommendation and c.closing and c.closing.reason is ClosingReason.OPINION_GIVEN:
            closing.note_reopened(c, now, act.by)
            c.status = Status.AWAITING_RECOMMENDATIONS

    return effect


def reassign(c: ComplaintState, act: ReassignUndertaking, now: datetime) -> Effect:
    """Give an undertaking to another owner, who gets an alert (R11).

    A closed complaint accepts it, too. Raises RefusedError.
    """
    undertaking = _find_open_undertaking(c, act.undertaking)
    if act.to == undertaking.owner:
        raise RefusedError(Code.ALREADY_DONE, f"{act.to} owns undertaking {undertaking.number} already.")

    def effect() -> None:
        undertaking.owner = act.to
        given = f"undertaking {undertaking.number} given to {act.to}"
        c.note(act.name, now, act.by, given, {"undertaking": undertaking.number, "to": act.to}, {"reason": act.reason})
        undertaking.given_in = c.sequence
        if act.to != act.by:
            what = f"given to {act.to}: {_describe(undertaking)}"
            c.alert(Alert.UNDERTAKING_GIVEN, now, [f"staff:{act.to}"], what, undertaking=undertaking.number)

    return effect


def _find_open_undertaking(c: ComplaintState, number: int) -> Undertaking:
    """Return an undertaking that is still to be carried out. Raises RefusedError."""
    undertaking = _find_undertaking(c, number, [each.number for each in c.open_undertakings])
    if undertaking.carried_out_at:
        on = format_date(c.calendar.day_of(undertaking.carried_out_at))
        raise RefusedError(Code.ALREADY_DONE, f"Undertaking {undertaking.number} was carried out on {on}.")
    if undertaking.replaced_at:
        others = [each.number for each in c.open_undertakings if each.tiers == undertaking.tiers]
        advice = numbers_to_give(others, "none is to be carried out in its place")
        replaced = f"undertaking: {undertaking.number} was replaced when the reply was corrected"
        raise RefusedError(Code.NOT_NOW, f"{replaced}; {advice}.")
    return undertaking


def _find_undertaking(c: ComplaintState, number: int, acceptable: list[int]) -> Undertaking:
    """Return the undertaking; the refusal of another number names the acceptable ones.

    Raises RefusedError.
    """
    undertaking = next((u for u in c.undertakings if u.number == number), None)
    if undertaking is None:
        none = "all were carried out" if c.undertakings and not c.open_undertakings else "none was carried out"
        advice = numbers_to_give(acceptable, none if c.undertakings else "the complaint has none")
        raise RefusedError(Code.NO_SUCH_NUMBER, f"undertaking: there is no undertaking {number}; {advice}.")
    return undertaking


def close_if_all_done(c: ComplaintState, now: datetime) -> bool:
    """Close the complaint once every recommendation is declined or carried out.

    Return whether it closed.
    """
    if c.status is not Status.AWAITING_RECOMMENDATIONS:
        return False
    open_numbers = {undertaking.number for undertaking in c.open_undertakings}
    all_done = all(r.accepted is False or (r.accepted and r.undertaking not in open_numbers) for r in c.recommendations)
    if all_done:
        closing.close(c, ClosingReason.OPINION_GIVEN, now)
    return all_done


def scheduled_events(c: ComplaintState) -> Iterator[ScheduledEvent]:
    """Yield the lapse and the chaser of each undertaking that is not carried out."""
    for undertaking in c.open_undertakings:
        if not undertaking.lapsed_at:
            yield ScheduledEvent(
                undertaking.by_at, EventPriority.LAPSE, _describe(undertaking), partial(_lapse, c, undertaking)
            )
        if undertaking.chase_at:
            summary = f"chaser for undertaking {undertaking.number}"
            yield ScheduledEvent(undertaking.chase_at, EventPriority.NOTICE, summary, partial(_chase, c, undertaking))


def recalculate_undertakings(c: ComplaintState, old_basis: Basis, now: datetime) -> None:
    """Recalculate due dates by the changed calendar or policy (R14).

    A date that somebody named stays as it is.
    """
    within = c.policy.undertakings.within
    for undertaking in c.open_undertakings:
        if undertaking.day_0 is None:
            continue
        old_due = DueInstant(undertaking.by, undertaking.by_at)
        due = old_due if within.elapsed else within.due(c.calendar, DueInstant(undertaking.day_0, undertaking.by_at))
        undertaking.by, undertaking.by_at = due
        if due != old_due:
            what = f"{_describe(undertaking)}, was {format_date(old_due.on)}"
            detail = {"undertaking": undertaking.number, "by": due.on, "from": old_due.on}
            c.note(EventKind.UNDERTAKING_MOVED, now, None, what, detail)
        if undertaking.lapsed_at and due.at > now:
            undertaking.lapsed_at = undertaking.chase_at = None
            what = f"{_describe(undertaking)}, not {format_date(old_due.on)}: it is not late"
            c.note(EventKind.LAPSE_WITHDRAWN, now, None, what, {"undertaking": undertaking.number, "rule": "R14"})
            c.alert(
                Alert.NOT_LATE_AFTER_ALL, now, _alert_recipients(c, undertaking), what, undertaking=undertaking.number
            )
        elif undertaking.lapsed_at and undertaking.chase_at:
            old_every, new_every = old_basis.policy.undertakings.chase_every, c.policy.undertakings.chase_every
            undertaking.chase_at = moved_notice_at(
                c,
                old_basis,
                RepeatedNotice(old_every, old_due),
                RepeatedNotice(new_every, due),
                undertaking.chase_at,
                now,
            )


def _describe(undertaking: Undertaking) -> str:
    return f"undertaking {undertaking.number} ({undertaking.kind}) due by the end of {format_date(undertaking.by)}"


def _alert_recipients(c: ComplaintState, undertaking: Undertaking) -> list[str]:
    return [f"staff:{undertaking.owner}", *c.leads(*undertaking.tiers)]


def _lapse(c: ComplaintState, undertaking: Undertaking, at: datetime) -> None:
    undertaking.lapsed_at = at
    what = f"undertaking {undertaking.number} was due by {format_date(undertaking.by)}"
    c.note(EventKind.LAPSED, at, None, what, {"undertaking": undertaking.number, "due_at": undertaking.by_at})
    c.alert(Alert.UNDERTAKING_OVERDUE, at, _alert_recipients(c, undertaking), what, undertaking=undertaking.number)
    _set_chaser(c, undertaking, at)


def _chase(c: ComplaintState, undertaking: Undertaking, at: datetime) -> None:
    what = f"undertaking {undertaking.number} was due by {format_date(undertaking.by)}, still not carried out"
    detail = {"undertaking": undertaking.number, "to": _alert_recipients(c, undertaking)}
    c.note(EventKind.CHASED, at, None, what, detail)
    _set_chaser(c, undertaking, at + TICK)


def _set_chaser(c: ComplaintState, undertaking: Undertaking, not_before: datetime) -> None:
    due = DueInstant(undertaking.by, undertaking.by_at)
    every, clock = c.policy.undertakings.chase_every, c.policy.notices_at
    undertaking.chase_at = every.notice_after(c.calendar, due, clock, not_before)
