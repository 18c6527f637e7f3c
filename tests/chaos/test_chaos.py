"""A few seeded runs of `make chaos`, and that the same seed gives the same plan."""

import pytest
from sqlalchemy.ext.asyncio import AsyncEngine
from temporalio.client import Client
from temporalio.worker import Worker

from chaos.accepted_acts import runs_of, start_of, told_in
from chaos.environment import ground
from chaos.oracle import Violation, relive
from chaos.plan import plan
from chaos.run import live
from complaints.procedure import acts
from complaints.records import queries
from tests.workflows.complaint_driver import Desk

SEED = "everyday/1"


def test_the_same_seed_gives_the_same_plan() -> None:
    assert plan(SEED) == plan(SEED)
    assert plan(SEED) != plan("everyday/2")


async def test_complaints_do_not_notice_what_strikes_them() -> None:
    async with ground() as made:
        outcome = await live(made, plan(SEED, complaints=6, strikes=2))
    assert outcome.violations == []
    assert outcome.acts > 0
    assert outcome.struck


async def test_an_act_lost_doubled_or_moved_would_be_noticed(
    client: Client, engine: AsyncEngine, worker: Worker
) -> None:
    case = await Desk(client, engine, worker.task_queue).open()
    await case.tell(acts.Reassign, by="lead", to="m.silva", reason="On leave.")
    await case.tell(acts.Acknowledge, by="m.silva")
    await case.quiet()
    runs = await runs_of(case.client, case.reference)
    start, told = start_of(runs), told_in(runs)
    recorded = list((await queries.events(case.engine, case.reference)).values())
    assert relive(start, told, recorded).state.sequence == len(recorded)
    acted = [event.kind for event in recorded].index("reassign")
    with pytest.raises(Violation, match="not on the record"):
        relive(start, told, recorded[:acted])
    with pytest.raises(Violation, match="nobody told"):
        relive(start, told[:1], recorded)
    swapped = relive(start, told[::-1], recorded)
    assert [event.kind for event in swapped.state.events] != [event.kind for event in recorded]
