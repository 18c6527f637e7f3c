"""R10: the case handler's step, in which a complaint is settled or goes to a manager."""

from collections.abc import Iterator
from datetime import datetime
from functools import partial

from complaints.procedure.acts import AskManager, Escalate, Settle
from complaints.procedure.dates.allowance import moment
from complaints.procedure.enums import Alert, Code, EventKind, Letter, Status
from complaints.procedure.policy import CaseHandlerStep
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import TierPeriod
from complaints.procedure.steps import tier
from complaints.procedure.steps.closing import note_reopened
from complaints.procedure.steps.rules import Effect, EventPriority, ScheduledEvent, check_not_in_future
from complaints.procedure.steps.window import next_tier_detail, open_window, refuse_after_window, refuse_closed_before


def begin_step(c: ComplaintState, step: CaseHandlerStep, started_at: datetime, now: datetime) -> None:
    """Pass the complaint to the case handler, and schedule the alert to the first tier's lead.

    The complainant gets the letter once the directory has said whether it knows the case handler.
    """
    c.window = None
    c.tier_periods.append(TierPeriod(tier=step.id, started_at=started_at, keyed_at=now))
    c.status = Status.WITH_CASE_HANDLER
    c.note(EventKind.TIER_REACHED, now, None, f"with {step.title.lower()}", {"tier": step.id})
    _set_alert(c, step)
    c.tier_period.letter_owed = True
    c.tier_period.is_holder_sought = c.form.case.handler is None


def settle(c: ComplaintState, act: Settle, now: datetime) -> Effect:
    """Settle the complaint, and open the window to ask for a manager. Raises RefusedError."""
    c.refuse_if_closed()
    if c.status is not Status.WITH_CASE_HANDLER:
        raise RefusedError(Code.NOT_NOW, "Only a complaint that is with the case handler can be settled.")

    def effect() -> None:
        c.note(act.name, now, act.by, f"{c.tier_title}: settled", free_text={"explanation": act.explanation})
        c.record_act_at_tier(act.by, now)
        c.tier_period.replied_at = now
        c.tier_period.notice_at = None
        what, settlement = "what the case handler has done", c.sequence
        further = next_tier_detail(c)
        letter = c.letter(
            Letter.SETTLEMENT, now, what, tier=c.tier_period.tier, settlement=settlement, going_on=further
        )
        open_window(c, now, None, now, letter)

    return effect


def ask_manager(c: ComplaintState, act: AskManager, now: datetime) -> Effect:
    """Pass the complaint to the first tier, at the complainant's request. Raises RefusedError."""
    first, at = c.policy.tiers[0], check_ask_manager(c, act, now)

    def effect() -> None:
        c.note(act.name, now, act.by, f"the complainant asks for {first.title}", {"received_at": at})
        note_reopened(c, now, act.by)
        tier.reach_tier(c, first, at, now)

    return effect


def check_ask_manager(c: ComplaintState, act: AskManager | Escalate, now: datetime) -> datetime:
    """Check that the first tier may be asked for; return when the request was received.

    Raises RefusedError.
    """
    if c.tier_periods and not c.is_with_case_handler_step:
        c.refuse_if_closed()
        raise RefusedError(Code.ALREADY_DONE, f"The complaint has passed to {c.tier_title} already.")
    at = check_not_in_future(c, act.received_at, now, "received_at") if act.received_at else act.instant(now)
    refuse_closed_before(c, at)
    if at < (c.tier_period.started_at if c.tier_periods else c.received_at):
        raise RefusedError(
            Code.BEFORE_CLOCK, "received_at: it lies before the complaint was received; give a later instant."
        )
    refuse_after_window(c, at, c.policy.tiers[0])
    return at


def scheduled_events(c: ComplaintState) -> Iterator[ScheduledEvent]:
    """Yield the first letter, and the alerts that nothing has been settled or passed on."""
    if c.status is not Status.WITH_CASE_HANDLER:
        return
    if c.tier_period.letter_owed and not c.awaits_assignment:
        summary = f"{c.tier_title}: letter to the complainant"
        yield ScheduledEvent(c.tier_period.started_at, EventPriority.LAPSE, summary, partial(_send_letter, c))
    if c.tier_period.notice_at:
        summary = f"{c.tier_title}: alert that nothing has been settled"
        yield ScheduledEvent(c.tier_period.notice_at, EventPriority.LAPSE, summary, partial(_alert, c))


def _send_letter(c: ComplaintState, at: datetime) -> None:
    """Write to the complainant who has the complaint, or which number to call (R10)."""
    c.tier_period.letter_owed = False
    c.letter(
        Letter.PASSED_TO_CASE_HANDLER,
        at,
        f"passed to the {c.tier_title.lower()}",
        tier=c.tier_period.tier,
        is_known=c.holder is not None,
        again=bool(c.closings),
    )


def recalculate_alert(c: ComplaintState) -> None:
    """Recalculate the next alert after the calendar or the policy changed (R14)."""
    if c.status is Status.WITH_CASE_HANDLER and c.tier_period.notice_at and c.policy.case_handler:
        _set_alert(c, c.policy.case_handler)


def _set_alert(c: ComplaintState, step: CaseHandlerStep) -> None:
    """Set the alert with the period's number: after that many times the policy's `alert_after`."""
    started = moment(c.calendar, c.tier_period.started_at)
    c.tier_period.notice_at = step.alert_after.due(c.calendar, started, c.tier_period.notice_number).at


def _alert(c: ComplaintState, at: datetime) -> None:
    step = c.policy.case_handler
    assert step is not None, "only the case handler's step has these alerts"
    while c.tier_period.notice_at and c.tier_period.notice_at <= at:
        c.tier_period.notice_number += 1
        _set_alert(c, step)
    what = f"{c.tier_title}: neither settled nor passed on"
    c.alert(Alert.CASE_HANDLER_SILENT, at, c.leads(c.policy.tiers[0].id), what)
