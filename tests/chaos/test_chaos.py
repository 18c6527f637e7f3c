"""One seeded run of `make chaos`; the same seed gives the same plan."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from chaos.accepted_acts import accepted_acts, runs_of, start_of
from chaos.environment import start_environment
from chaos.oracle import Violation, simulate
from chaos.plan import make_plan
from chaos.run import run_plan
from complaints.procedure import acts
from complaints.records import queries
from tests.workflows.complaint_driver import ComplaintOpener

SEED = "everyday/1"


def test_the_same_seed_gives_the_same_plan() -> None:
    assert make_plan(SEED) == make_plan(SEED)
    assert make_plan(SEED) != make_plan("everyday/2")


async def test_no_fault_violates_an_invariant() -> None:
    async with start_environment() as environment:
        outcome = await run_plan(environment, make_plan(SEED, complaints=6, faults=2))
    assert outcome.violations == []
    assert outcome.acts > 0
    assert outcome.occurrences


async def test_a_lost_repeated_or_moved_act_is_a_violation(client: Client, engine: AsyncEngine, worker: Worker) -> None:
    complaint = await ComplaintOpener(client, engine, worker.task_queue).open()
    await complaint.do(acts.Reassign, by="lead", to="m.silva", reason="On leave.")
    await complaint.do(acts.Acknowledge, by="m.silva")
    await complaint.wait_until_recorded()
    runs = await runs_of(complaint.client, complaint.reference)
    start, given_acts = start_of(runs), accepted_acts(runs)
    recorded = list((await queries.read_events(complaint.engine, complaint.reference)).values())
    assert simulate(start, given_acts, recorded).state.sequence == len(recorded)
    acted = [event.kind for event in recorded].index("reassign")
    with pytest.raises(Violation, match="not on the record"):
        simulate(start, given_acts, recorded[:acted])
    with pytest.raises(Violation, match="not accepted"):
        simulate(start, given_acts[:1], recorded)
    swapped = simulate(start, given_acts[::-1], recorded)
    assert [event.kind for event in swapped.state.events] != [event.kind for event in recorded]
