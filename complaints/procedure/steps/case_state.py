"""R7: the case system reports that the case closed or was reopened."""

from datetime import datetime

from complaints.procedure.acts import CaseClosed, CaseReopened
from complaints.procedure.enums import Code
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import CaseState
from complaints.procedure.steps import assessor
from complaints.procedure.steps.rules import Effect, check_not_in_future
from complaints.procedure.steps.window import move_window


def case_closed(c: ComplaintState, act: CaseClosed, now: datetime) -> Effect:
    """Record that the case closed (R7). Raises RefusedError."""
    return _report_case_state(c, act, now, is_open=False)


def case_reopened(c: ComplaintState, act: CaseReopened, now: datetime) -> Effect:
    """Record that the case was opened again (R7). Raises RefusedError."""
    return _report_case_state(c, act, now, is_open=True)


def _report_case_state(c: ComplaintState, act: CaseClosed | CaseReopened, now: datetime, *, is_open: bool) -> Effect:
    """Let the report with the latest `on` decide; to repeat a state changes nothing.

    A closed complaint accepts a report, too.
    """
    if not c.policy.case_may_be_open:
        raise RefusedError(Code.NO_CASE, f"A case is never open under {c.policy.title}.")
    on = check_not_in_future(act.on, now, "on") if act.on else act.instant(now)

    def effect() -> None:
        c.note(act.name, now, act.by, "the case was opened again" if is_open else "the case closed", {"on": on})
        if c.case.last_statement_on and on < c.case.last_statement_on:
            return
        c.case.last_statement_on = on
        if c.case.open == is_open:
            return
        c.case = CaseState(open=is_open, since=on, last_statement_on=on, recorded_at=now)
        move_window(c, now)
        assessor.apply_case_state(c, now)

    return effect
