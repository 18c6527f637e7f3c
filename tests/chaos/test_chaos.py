"""One seeded run of `make chaos`; the same seed gives the same plan."""

from collections.abc import Sequence

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from chaos.accepted_acts import AcceptedActs, fetch_chain
from chaos.environment import start_environment
from chaos.oracle import Simulation, Violation, simulate
from chaos.plan import FaultName, make_plan
from chaos.run import run_plan
from complaints.procedure import acts
from complaints.procedure.state import Event
from complaints.records import queries
from tests.workflows.complaint_driver import ComplaintOpener
from worker.replay.accepted_acts import AcceptedAct

SEED = "everyday/1"
ALWAYS = (
    FaultName.KEYS_AWAY,
    FaultName.TERMINATED,
    FaultName.TEMPORAL_RESTORED_FROM_AN_OLDER_COPY,
    FaultName.POSTGRES_RESTORED_FROM_AN_OLDER_COPY,
)


def test_the_same_seed_gives_the_same_plan() -> None:
    assert make_plan(SEED) == make_plan(SEED)
    assert make_plan(SEED) != make_plan("everyday/2")


def test_no_two_acts_of_a_complaint_have_the_same_id() -> None:
    for seed in ("nobody-waits/26", "nobody-waits/27", *(f"ids/{number}" for number in range(100))):
        for complaint in make_plan(seed).complaints:
            instants = [sending.at for sending in complaint.sendings]
            assert instants == sorted(set(instants))


async def test_no_fault_violates_an_invariant() -> None:
    async with start_environment() as environment:
        outcome = await run_plan(environment, make_plan(SEED, faults=5, always=ALWAYS))
    assert outcome.violations == []
    assert outcome.acts > 0
    assert set(ALWAYS) <= outcome.occurrences.keys()


async def test_a_lost_repeated_or_moved_act_is_a_violation(client: Client, engine: AsyncEngine, worker: Worker) -> None:
    complaint = await ComplaintOpener(client, engine, worker.task_queue).open()
    await complaint.do(acts.Reassign, by="lead", to="m.silva", reason="On leave.")
    await complaint.do(acts.Acknowledge, by="m.silva")
    await complaint.wait_until_recorded()
    chain = await fetch_chain(complaint.client, complaint.reference)
    start, given = chain.start, chain.acts.acts
    recorded = list((await queries.read_events(complaint.engine, complaint.reference)).values())
    acted = [event.kind for event in recorded].index("reassign")

    def simulated(acts: Sequence[AcceptedAct], events: Sequence[Event], *, has_ended: bool = False) -> Simulation:
        return simulate(start, [AcceptedActs(acts, has_ended=has_ended)], events)

    assert simulated(given, recorded).complaint.state.sequence == len(recorded)
    with pytest.raises(Violation, match="not on the record"):
        simulated(given, recorded[:acted])
    assert simulated(given, recorded[:acted], has_ended=True).lost == given
    with pytest.raises(Violation, match="not accepted"):
        simulated(given[:1], recorded)
    swapped = simulated(given[::-1], recorded).complaint
    assert [event.kind for event in swapped.state.events] != [event.kind for event in recorded]
    with pytest.raises(Violation, match="goes on after event"):
        simulate(start, [AcceptedActs(given[:1], has_ended=True), AcceptedActs([], acted)], recorded)
