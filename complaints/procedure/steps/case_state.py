"""R7: the case system reports that the case closed or was reopened."""

from datetime import datetime

from complaints.procedure.acts import CaseClosed, CaseReopened
from complaints.procedure.dates.calendar import TICK
from complaints.procedure.enums import Code
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.steps import admission, assessor
from complaints.procedure.steps.rules import Effect, check_not_in_future
from complaints.procedure.steps.window import move_window


def case_closed(c: ComplaintState, act: CaseClosed, now: datetime) -> Effect:
    """Record that the case closed (R7). Raises RefusedError."""
    return _report_case_state(c, act, now, is_open=False)


def case_reopened(c: ComplaintState, act: CaseReopened, now: datetime) -> Effect:
    """Record that the case was opened again (R7). Raises RefusedError."""
    return _report_case_state(c, act, now, is_open=True)


def _report_case_state(c: ComplaintState, act: CaseClosed | CaseReopened, now: datetime, *, is_open: bool) -> Effect:
    """Add the statement; the order of `on` decides, not that of arrival.

    A closed complaint accepts a statement, too: it may revive the window.
    """
    if not c.policy.case_may_be_open:
        raise RefusedError(Code.NO_CASE, f"A case is never open under {c.policy.title}.")
    on = check_not_in_future(c, act.on, now, "on") if act.on else _after_earlier_statements(c, act, now)

    def effect() -> None:
        c.note(act.name, now, act.by, "the case was opened again" if is_open else "the case closed", {"on": on})
        was = c.case.model_copy(deep=True)
        if is_open:
            c.case.add_reopening(on)
        else:
            c.case.add_closing(on, now)
        admission.open_window_if_case_reopened(c, now)
        move_window(c, now)
        if (was.open, was.since) != (c.case.open, c.case.since):
            assessor.apply_case_state(c, was, now)

    return effect


def _after_earlier_statements(c: ComplaintState, act: CaseClosed | CaseReopened, now: datetime) -> datetime:
    """Return the instant of a statement without `on`; at one instant, arrival decides."""
    at, latest = act.instant(now), c.case.last_statement_on
    return latest + TICK if latest and latest >= at and act.made_at is None else at
