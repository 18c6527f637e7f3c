"""Scenarios too long for every run: an outage, and a thousand simultaneous deadlines."""

import asyncio
from collections.abc import Callable, Coroutine, Mapping
from datetime import datetime, timedelta
from random import Random
from statistics import median, quantiles
from typing import Any

from sqlalchemy import func, select

from chaos.environment import TASK_QUEUE, Environment, start_environment
from chaos.faults import worker_killed
from chaos.rolling.scenario import rolling_restarts
from chaos.run import RunOutcome, check_all
from chaos.senders import ActSender
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.dates.allowance import Allowance
from complaints.procedure.enums import EventKind
from complaints.procedure.policy import Policy
from complaints.procedure.state import Answer
from complaints.records import tables
from complaints.runtime.clock import now as real_now
from tests.workflows.complaint_driver import ComplaintDriver, ComplaintOpener, form

OUTAGE_SECONDS = 30.0
ANSWER_LIMIT_SECONDS, RECORD_LIMIT_SECONDS = 3.0, 10.0
"""For an act's answer during the outage, and for the record to catch up after it."""
DEADLINES = 1_000
"""The number of deadlines in the same second."""
OPENING_SECONDS = 150
"""The time, on two cores, to open the complaints and record them before their deadline."""
LAPSE_LIMIT_SECONDS = 180.0
"""The time, on two cores, to record all lapses."""
REPLAYS = 25
"""The number of complaints whose histories are replayed."""

FAST_POLICY = load_policy("tries-by-hand")
MANAGER = FAST_POLICY.tiers[0]
assert MANAGER.reply
SAME_DEADLINE_POLICY = FAST_POLICY.model_copy(
    update={
        "tiers": (
            MANAGER.model_copy(
                update={
                    "acknowledge_within": Allowance(seconds=OPENING_SECONDS),
                    "reply": MANAGER.reply.model_copy(update={"within": Allowance(seconds=10 * OPENING_SECONDS)}),
                }
            ),
            *FAST_POLICY.tiers[1:],
        )
    }
)
"""Only the acknowledgement falls due during the scenario."""


async def postgres_unavailable(seed: str) -> RunOutcome:
    """Kill PostgreSQL for half a minute, while a dozen complaints receive acts."""
    outcome = RunOutcome(seed, complaints=12)
    outcome.occurrences["postgres away for 30 s"] = 1
    async with start_environment() as environment:
        senders = [ActSender(await _open(environment, real_now(), load_policy())) for _ in range(12)]
        async with environment.postgres_lock:
            await environment.kill("postgres")
            until = asyncio.get_running_loop().time() + OUTAGE_SECONDS
            await asyncio.gather(*(_reassign_until(sender, until) for sender in senders))
            waited = [each for sender in senders for each in sender.answer_seconds]
            returned = asyncio.get_running_loop().time()
            await environment.start(environment.postgres)
        await asyncio.gather(*(sender.driver.check_agreement() for sender in senders))
        caught_up = asyncio.get_running_loop().time() - returned
        await check_all(senders, outcome, len(senders))
    outcome.acts, outcome.slowest, outcome.seconds = len(waited), max(waited), OUTAGE_SECONDS + caught_up
    outcome.measurements = {
        "answers while PostgreSQL was away": f"p50 {median(waited):.3f} s, p99 {quantiles(waited, n=100)[98]:.3f} s,"
        f" slowest {max(waited):.3f} s ({len(waited)} acts)",
        "all recorded after its return within": f"{caught_up:.1f} s, its start included",
    }
    if max(waited) > ANSWER_LIMIT_SECONDS:
        outcome.violations.append(f"an act was answered after {max(waited):.1f} s only")
    if caught_up > RECORD_LIMIT_SECONDS:
        outcome.violations.append(f"the record had caught up after {caught_up:.1f} s only")
    return outcome


async def simultaneous_deadlines(seed: str) -> RunOutcome:
    """Let a thousand deadlines pass in one second; kill the worker around that instant."""
    outcome = RunOutcome(seed, complaints=DEADLINES)
    outcome.occurrences[f"{DEADLINES:,} deadlines in the same second"] = 1
    async with start_environment() as environment:
        received_at = real_now()
        due = received_at + timedelta(seconds=OPENING_SECONDS)
        senders = await _open_all(environment, received_at)
        async with asyncio.timeout((due - real_now()).total_seconds()):
            await _wait_for_events(environment, EventKind.OPENED)
        await asyncio.sleep((due - real_now()).total_seconds() - Random(seed).uniform(-0.5, 0.5))  # noqa: S311
        await worker_killed(environment)
        outcome.occurrences["worker_killed"] = 1
        async with asyncio.timeout(LAPSE_LIMIT_SECONDS):
            await _wait_for_events(environment, EventKind.LAPSED)
        recorded = (real_now() - due).total_seconds()
        outcome.measurements = {
            f"{DEADLINES:,} lapses on the record after": f"{recorded:.1f} s, with the worker killed"
        }
        await check_all(senders, outcome, REPLAYS)
        outcome.seconds = (real_now() - received_at).total_seconds()
    return outcome


async def _open_all(environment: Environment, received_at: datetime) -> list[ActSender]:
    at_once = asyncio.Semaphore(20)

    async def one() -> ActSender:
        async with at_once:
            return ActSender(await _open(environment, received_at, SAME_DEADLINE_POLICY))

    return await asyncio.gather(*(one() for _ in range(DEADLINES)))


async def _wait_for_events(environment: Environment, kind: EventKind) -> None:
    """Wait until every complaint has an event of this kind on the record."""
    counting = select(func.count()).select_from(tables.events).where(tables.events.c.kind == kind)
    counted = 0
    while counted < DEADLINES:
        await asyncio.sleep(0.5)
        async with environment.engine.connect() as connection:
            counted = (await connection.execute(counting)).scalar_one()


async def _open(environment: Environment, received_at: datetime, policy: Policy) -> ComplaintDriver:
    complaint_form = form("T", received_at=received_at, told_case_handler_on=f"{received_at:%Y-%m-%d}")
    return await ComplaintOpener(environment.client, environment.engine, TASK_QUEUE).open_form(
        complaint_form, now=received_at, policy=policy
    )


async def _reassign_until(sender: ActSender, until: float) -> None:
    number = 0
    while asyncio.get_running_loop().time() < until:
        number += 1
        answer = await sender.update(
            sender.driver.build_act(acts.Reassign, "lead", to=f"m.{number}", reason="On leave.")
        )
        assert isinstance(answer, Answer), answer
        await asyncio.sleep(1)


Scenario = Callable[[str], Coroutine[Any, Any, RunOutcome]]
"""Takes a seed."""
SCENARIOS: Mapping[str, Scenario] = {
    "postgres-away": postgres_unavailable,
    "deadlines": simultaneous_deadlines,
    "rolling-restarts": rolling_restarts,
}
"""By the name by which one is chosen."""
