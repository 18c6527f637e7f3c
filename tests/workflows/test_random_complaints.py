"""Random complaints on real servers: the workflow does what the pure procedure does."""

from datetime import datetime, timedelta

from hypothesis import HealthCheck, Phase, given, settings

from chaos.accepted_acts import AcceptedAct
from chaos.oracle import simulate
from complaints.calendars.builder import calendar_for
from complaints.procedure.acts import Act
from complaints.procedure.complaint import Complaint
from complaints.procedure.form import Form
from complaints.procedure.state import Start
from complaints.procedure.views.views import complaint_history_of
from complaints.records import queries
from complaints.temporal.virtual_time import read_clock
from starter.client.open_complaint import digest_of
from tests.fixtures.random_complaints import FOS, FOUR_TIERS, Life, Move, act_of, lives
from tests.workflows.complaint_driver import Case, Desk

LATER = timedelta(weeks=520)
"""Complaints are moved by whole weeks, as a virtual clock cannot start before the real now."""
LONGEST = timedelta(days=120)
"""Of waiting for what is next due."""


@settings(
    max_examples=12,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(life=lives(policies=(FOS, FOUR_TIERS), longest=8))
async def test_the_workflow_does_what_the_pure_procedure_does(desk: Desk, life: Life) -> None:
    case = await desk.open_form(later(life.form), now=life.opened_at + LATER, policy=life.policy)
    lived = []
    for number, move in enumerate(life.moves):
        before = await case.story()
        now = await read_clock(case.client, case.reference)
        await case.until(move.instant(now, before.next_due_at, LONGEST))
        if not await case.is_running():
            break
        act, at = await _act(case, move, number)
        if at:
            lived.append((act, at))
        await case.agree()
    story = await case.agree()
    assert complaint_history_of(await _purely(case, life, lived)) == story


async def _act(case: Case, move: Move, number: int) -> tuple[Act, datetime | None]:
    """Act, and return the instant at which the act was recorded, if at all."""
    before = await case.story()
    known = case.sent[-1] if move.again and case.sent else None
    now = await read_clock(case.client, case.reference)
    act = known or act_of(move, f"act-{number}", before.status, before.tier, now)
    case.sent.append(act)
    await case.send(act, as_signal=move.signalled is not None)
    after = await case.quiet()
    came = (e for e in after.events if e.sequence > before.sequence and e.by and e.kind in (act.name, "refused"))
    return act, next((event.at for event in came), None)


async def _purely(case: Case, life: Life, lived: list[tuple[Act, datetime]]) -> Complaint:
    """Simulate the complaint without a server, each act at the server's instant."""
    form = later(life.form, case.reference)
    calendar = calendar_for(life.policy, form.received_at, life.opened_at + LATER)
    start = Start(form=form, policy=life.policy, calendar=calendar, opened_by="intake", form_digest=digest_of(form))
    recorded = (await queries.read_events(case.engine, case.reference)).values()
    return simulate(start, [AcceptedAct(act.name, act, at) for act, at in lived], list(recorded))


def later(form: Form, reference: str = "") -> Form:
    case = form.case.model_copy(update={"answered_on": form.case.answered_on and form.case.answered_on + LATER})
    return form.model_copy(
        update={
            "reference": reference or form.reference,
            "received_at": form.received_at + LATER,
            "told_case_handler_on": form.told_case_handler_on and form.told_case_handler_on + LATER,
            "case": case,
        }
    )
