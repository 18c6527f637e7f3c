"""R9: which complaints the procedure takes, signposts, or refuses as out of time."""

from datetime import date, datetime
from typing import Any

from complaints.procedure.acts import Classify
from complaints.procedure.dates.allowance import DueInstant
from complaints.procedure.dates.calendar import WorkingCalendar, zone
from complaints.procedure.dates.date_format import format_date, format_instant
from complaints.procedure.enums import Alert, Aspect, ClosingReason, Code, EventKind, Letter, Rest, humanize_code
from complaints.procedure.form import Form
from complaints.procedure.policy import Policy
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps import case_handler, tier
from complaints.procedure.steps.closing import close, note_reopened
from complaints.procedure.steps.resumption import resume
from complaints.procedure.steps.rules import SKEW, Effect, valid_numbers
from complaints.procedure.steps.window import open_window_out_of_time

MAX_FORM_BYTES = 400_000
"""Size as JSON. The form is part of the complaint's state, which must stay below Temporal's two megabytes."""


def form_errors(form: Form, policy: Policy, calendar: WorkingCalendar, now: datetime) -> list[str]:
    """List the errors that involve several fields or the time, each with its field (R3, R9)."""
    errors = []
    length = len(form.model_dump_json().encode())
    if length > MAX_FORM_BYTES:
        errors.append(f"the form is {length:,} bytes long as JSON; the most is {MAX_FORM_BYTES:,}")
    if form.received_at > now + SKEW:
        given = format_instant(form.received_at, zone(calendar.time_zone))
        errors.append(f"received_at: {given} lies in the future; give an instant that has passed")
    received_on = calendar.day_of(form.received_at)
    if form.told_case_handler_on and form.told_case_handler_on > received_on:
        errors.append("told_case_handler_on: give a day not after received_at")
    if form.case.answered_on and form.case.answered_on > calendar.day_of(now):
        errors.append("case.answered_on: give a day not in the future")
    if form.case.open and not policy.case_may_be_open:
        errors.append(f"case.open: {policy.title} has no open cases; give false")
    errors += [
        f"communication[{number}].on: give a day not after received_at"
        for number, communication in enumerate(form.communication, start=1)
        if communication.on > received_on
    ]
    return errors


def open_complaint(c: ComplaintState, by: str) -> None:
    """Signpost the concerns that are not about service, then take the complaint up if in time."""
    now = c.opened_at
    detail = {"aspects": c.aspects, "received_at": c.received_at, "capacity": c.form.complainant.capacity}
    c.note(EventKind.OPENED, now, by, "opened", detail, _free_text(c.form))
    _signpost(c, [number for number, aspect in enumerate(c.aspects, start=1) if not aspect.is_service], now)
    if not _is_about_service(c):
        _close_as_signposted(c, now)
    else:
        _take_up_in_time(c, now)


def take_up(c: ComplaintState, started_at: datetime, now: datetime) -> None:
    """Pass the complaint to the case handler, or to the first tier if they know already (R10)."""
    step = c.policy.case_handler
    if step and c.form.told_case_handler_on is None:
        case_handler.begin_step(c, step, started_at, now)
    else:
        tier.reach_tier(c, c.policy.tiers[0], started_at, now)


def classify(c: ComplaintState, act: Classify, now: datetime) -> Effect:
    """Move a concern to another aspect; this may close or reopen the complaint.

    Raises RefusedError.
    """
    signposted = c.closing is not None and c.closing.reason is ClosingReason.SIGNPOSTED
    if not signposted:
        c.refuse_if_closed()
        if c.tier_period.replied_at:
            raise RefusedError(Code.NOT_NOW, f"{c.tier_title} has replied: its concerns no longer change.")
    if act.concern > len(c.aspects):
        raise RefusedError(
            Code.NO_SUCH_NUMBER, f"concern: there is no concern {act.concern}; give {valid_numbers(len(c.aspects))}."
        )
    was = c.aspects[act.concern - 1]
    if was is act.aspect:
        raise RefusedError(Code.ALREADY_DONE, f"Concern {act.concern} is {humanize_code(was)} already.")

    def effect() -> None:
        c.aspects[act.concern - 1] = act.aspect
        what = f"concern {act.concern}: {humanize_code(was)} is {humanize_code(act.aspect)}"
        detail = {"concern": act.concern, "from": was, "to": act.aspect}
        c.note(act.name, now, act.by, what, detail, {"reason": act.reason})
        if not c.is_closed:
            c.record_involvement(act.by)
        _apply_aspect(c, act.concern, now, act.by, moved=True)

    return effect


def apply_new_concern(c: ComplaintState, now: datetime, by: str) -> None:
    """Signpost a concern that was added; or take a signposted complaint up again by it."""
    _apply_aspect(c, len(c.aspects), now, by, moved=False)


def _apply_aspect(c: ComplaintState, concern: int, now: datetime, by: str, *, moved: bool) -> None:
    if not c.aspects[concern - 1].is_service:
        _signpost(c, [concern], now, moved=moved)
    if not _is_about_service(c):
        if not c.is_closed:
            _close_as_signposted(c, now)
    elif c.is_closed:
        note_reopened(c, now, by)
        _take_up_again(c, now)
        send_taken_up_again_letter(c, now)


def send_taken_up_again_letter(c: ComplaintState, now: datetime) -> None:
    """Send the letter that a closed complaint is taken up again; see `case_handler` for its own."""
    if not c.is_closed and not c.is_with_case_handler_step:
        c.letter(Letter.TAKEN_UP_AGAIN, now, "taken up again", tier=c.tier_period.tier, **tier.promised_dates(c))


def _is_about_service(c: ComplaintState) -> bool:
    return any(aspect.is_service for aspect in c.aspects)


def _take_up_in_time(c: ComplaintState, now: datetime) -> None:
    last_day, judged_on = _last_day_in_time(c), _judged_on(c)
    if last_day is not None and judged_on > last_day:
        what = f"out of time: the last day was {format_date(last_day)}"
        c.note(EventKind.ADMITTED, now, None, what, {"in_time": False, "last_day": last_day})
        detail: dict[str, Any] = {"answered_on": c.form.case.answered_on, "told_on": judged_on, "last_day": last_day}
        c.letter(Letter.OUT_OF_TIME, now, what, **detail)
        close(c, ClosingReason.OUT_OF_TIME, now)
        open_window_if_case_reopened(c, now)
        return
    c.note(EventKind.ADMITTED, now, None, "in time", {"in_time": True, "last_day": last_day})
    take_up(c, c.received_at, now)


def open_window_if_case_reopened(c: ComplaintState, now: datetime) -> None:
    """Let a complaint out of time go on while its case is open again (R7)."""
    last_day = _last_day_in_time(c)
    if c.window or not (c.closing and c.closing.reason is ClosingReason.OUT_OF_TIME and c.case.reopened_on):
        return
    assert last_day, "a complaint out of time had a last day"
    open_window_out_of_time(c, last_day, now)


def _take_up_again(c: ComplaintState, now: datetime) -> None:
    """Take a signposted complaint up again where it was, if it had come so far."""
    if not c.tier_periods:
        _take_up_in_time(c, now)
        return
    resume(c, now)
    if c.is_with_case_handler_step:
        c.tier_period.letter_owed = True


def _judged_on(c: ComplaintState) -> date:
    """Return the day that must be in time: when the case handler was informed, else receipt."""
    return c.form.told_case_handler_on or c.calendar.day_of(c.received_at)


def _last_day_in_time(c: ComplaintState) -> date | None:
    """Return the last day in time; None if the case is open, or closed without an answer."""
    within, answered_on = c.policy.in_time_within, c.form.case.answered_on
    if within is None or answered_on is None or c.form.case.open:
        return None
    return within.due(c.calendar, DueInstant(answered_on, c.calendar.end_of(answered_on))).on


def _signpost(c: ComplaintState, numbers: list[int], now: datetime, *, moved: bool = False) -> None:
    """Send a letter for each aspect that is not about service: it says where else to go."""
    by_aspect: dict[Aspect, list[int]] = {}
    for number in numbers:
        by_aspect.setdefault(c.aspects[number - 1], []).append(number)
    rest = _rest_of_complaint(c, len(by_aspect))
    for aspect, concerns in by_aspect.items():
        what = f"{humanize_code(aspect)}: signposted"
        c.note(EventKind.SIGNPOSTED, now, None, what, {"aspect": aspect})
        c.letter(Letter.SIGNPOST, now, what, aspect=aspect, concerns=concerns, rest=rest, moved=moved)


def _rest_of_complaint(c: ComplaintState, signposts: int) -> Rest:
    """Return what the letter of a signpost says of the rest of the complaint."""
    if not _is_about_service(c):
        return Rest.SIGNPOSTED if signposts > 1 else Rest.NONE
    if c.tier_periods and c.tier_period.replied_at:
        return Rest.ANSWERED
    last_day = _last_day_in_time(c)
    is_late = not c.tier_periods and last_day is not None and _judged_on(c) > last_day
    return Rest.OUT_OF_TIME if is_late else Rest.LOOKED_AT


def _close_as_signposted(c: ComplaintState, now: datetime) -> None:
    to = c.leads(c.policy.tiers[0].id)
    c.alert(Alert.SIGNPOSTED_FOR_READING, now, to, "no concern is about service: read whether that is so")
    close(c, ClosingReason.SIGNPOSTED, now)


def _free_text(form: Form) -> dict[str, str | None]:
    free_text: dict[str, str | None] = {
        f"concern {number}": concern.what_happened for number, concern in enumerate(form.concerns, start=1)
    }
    free_text |= {
        f"communication {number}": f"{communication.on}, {communication.channel}: {communication.summary}"
        for number, communication in enumerate(form.communication, start=1)
    }
    return free_text | {"put right": form.put_right}
