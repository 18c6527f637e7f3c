"""Random complaints on real servers: the workflow does what the pure procedure does."""

from datetime import datetime, timedelta

from hypothesis import HealthCheck, Phase, given, settings

from chaos.accepted_acts import AcceptedActs
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
from tests.fixtures.random_acts import RandomAct, build_act
from tests.fixtures.random_complaints import FOS, FOUR_TIERS, RandomComplaint, random_complaints
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener
from worker.replay.accepted_acts import AcceptedAct

LATER = timedelta(weeks=520)
"""Complaints are moved by whole weeks, as a virtual clock cannot start before the real now."""
LONGEST_WAIT = timedelta(days=120)
"""The longest wait for the next due event."""
EXAMPLES = settings().max_examples // 25
"""Six everyday: each is a complaint with up to eight acts on real servers. `make chaos` draws many."""


@settings(
    max_examples=EXAMPLES,
    phases=[Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
)
@given(random_complaint=random_complaints(policies=(FOS, FOUR_TIERS), longest=8))
async def test_the_workflow_does_what_the_pure_procedure_does(
    opener: ComplaintOpener, random_complaint: RandomComplaint
) -> None:
    complaint = await opener.open_form(
        later(random_complaint.form), now=random_complaint.opened_at + LATER, policy=random_complaint.policy
    )
    sent_acts = []
    for number, random_act in enumerate(random_complaint.acts):
        before = await complaint.query_history()
        now = await read_clock(complaint.client, complaint.reference)
        await complaint.advance_to(random_act.instant(now, before.next_due_at, LONGEST_WAIT))
        if not await complaint.is_running():
            break
        act, at = await _send(complaint, random_act, number)
        if at:
            sent_acts.append((act, at))
        await complaint.check_agreement()
    history = await complaint.check_agreement()
    assert complaint_history_of(await _simulate(complaint, random_complaint, sent_acts)) == history


async def _send(complaint: ComplaintDriver, random_act: RandomAct, number: int) -> tuple[Act, datetime | None]:
    """Send the act; return it with the instant at which it was recorded, if at all."""
    before = await complaint.query_history()
    repeated = complaint.sent[-1] if random_act.is_repeat and complaint.sent else None
    now = await read_clock(complaint.client, complaint.reference)
    act = repeated or build_act(random_act, f"act-{number}", before.status, before.tier, now)
    complaint.sent.append(act)
    await complaint.send(act, as_signal=random_act.signalled_ago is not None)
    after = await complaint.wait_until_recorded()
    new = [event for event in after.events if event.sequence > before.sequence]
    recorded = (e for e in new if e.kind == "refused" or (e.by and e.kind == act.name))
    return act, next((event.at for event in recorded), None)


async def _simulate(
    complaint: ComplaintDriver, random_complaint: RandomComplaint, sent_acts: list[tuple[Act, datetime]]
) -> Complaint:
    """Simulate the complaint without a server, each act at the server's instant."""
    form = later(random_complaint.form, complaint.reference)
    calendar = calendar_for(random_complaint.policy, form.received_at, random_complaint.opened_at + LATER)
    start = Start(
        form=form, policy=random_complaint.policy, calendar=calendar, opened_by="intake", form_digest=digest_of(form)
    )
    recorded = (await queries.read_events(complaint.engine, complaint.reference)).values()
    accepted = AcceptedActs([AcceptedAct(act.name, act, at) for act, at in sent_acts])
    return simulate(start, [accepted], list(recorded)).complaint


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
