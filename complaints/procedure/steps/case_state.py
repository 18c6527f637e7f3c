"""Who holds the complaint, and what the case system says of the case (R7, R11)."""

from datetime import datetime

from complaints.procedure.acts import CaseClosed, CaseReopened
from complaints.procedure.enums import Code
from complaints.procedure.refusals import RefusedError
from complaints.procedure.state import ComplaintState
from complaints.procedure.state_parts import CaseState
from complaints.procedure.steps import assessor
from complaints.procedure.steps.rules import Effect, not_in_future
from complaints.procedure.steps.window import move_window


def case_closed(c: ComplaintState, act: CaseClosed, now: datetime) -> Effect:
    return _case_state(c, act, now, is_open=False)


def case_reopened(c: ComplaintState, act: CaseReopened, now: datetime) -> Effect:
    return _case_state(c, act, now, is_open=True)


def _case_state(c: ComplaintState, act: CaseClosed | CaseReopened, now: datetime, *, is_open: bool) -> Effect:
    """The latest `on` decides; repeating a state changes nothing. Taken on a closed complaint too: it is a fact."""
    if not c.policy.case_may_be_open:
        raise RefusedError(Code.NO_CASE, f"{c.policy.title} knows no open case.")
    on = not_in_future(act.on, now, "on") if act.on else act.instant(now)

    def effect() -> None:
        c.note(act.name, now, act.by, "the case was opened again" if is_open else "the case closed", {"on": on})
        if c.case.last_statement_on and on < c.case.last_statement_on:
            return
        c.case.last_statement_on = on
        if c.case.open == is_open:
            return
        c.case = CaseState(open=is_open, since=on, last_statement_on=on, recorded_at=now)
        move_window(c, now)
        assessor.case_moved(c, now)

    return effect
