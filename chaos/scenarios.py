"""What is too long for every run: PostgreSQL away for half a minute, a thousand deadlines in the same second."""

import asyncio
import traceback
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from random import Random
from statistics import median, quantiles
from typing import Any

from sqlalchemy import func, select

from chaos.environment import TASK_QUEUE, Ground, ground
from chaos.faults import worker_killed
from chaos.invariants import check, replay
from chaos.run import RunOutcome
from chaos.senders import Sender
from complaints.policies.loader import load_policy
from complaints.procedure import acts
from complaints.procedure.dates.allowance import Allowance
from complaints.procedure.enums import EventKind
from complaints.procedure.policy import Policy
from complaints.procedure.state import Answer
from complaints.records import tables
from complaints.runtime.clock import now as real_now
from tests.workflows.complaint_driver import Case, Desk, form

AWAY = 30.0
"""Seconds."""
ANSWERED_WITHIN, RECORDED_WITHIN = 3.0, 10.0
"""Seconds: what an act's sender and the record are promised while PostgreSQL is away, and after its return."""
TOGETHER = 1_000
"""Deadlines in the same second."""
OPENED_WITHIN = 150
"""Seconds in which so many complaints are open and on the record, on two cores; then all are due."""
LAPSED_WITHIN = 180.0
"""Seconds in which so many lapses are on the record, on two cores."""
REPLAYED = 25
"""How many of them are replayed as well."""

BY_HAND = load_policy("tries-by-hand")
MANAGER = BY_HAND.tiers[0]
assert MANAGER.reply
DUE_TOGETHER = BY_HAND.model_copy(
    update={
        "tiers": (
            MANAGER.model_copy(
                update={
                    "acknowledge_within": Allowance(seconds=OPENED_WITHIN),
                    "reply": MANAGER.reply.model_copy(update={"within": Allowance(seconds=10 * OPENED_WITHIN)}),
                }
            ),
            *BY_HAND.tiers[1:],
        )
    }
)
"""Nothing but the acknowledgement falls due meanwhile."""


async def postgres_away(seed: str) -> RunOutcome:
    """Killed, and started again half a minute later, while a dozen complaints are acted on all the time."""
    outcome = RunOutcome(f"{seed}/postgres-away", complaints=12)
    outcome.struck["postgres away for 30 s"] = 1
    async with ground() as made:
        senders = [Sender(await _opened(made, real_now(), load_policy())) for _ in range(12)]
        async with made.postgres_lock:
            await made.kill("postgres")
            until = asyncio.get_running_loop().time() + AWAY
            await asyncio.gather(*(_reassign_until(sender, until) for sender in senders))
            waited = [each for sender in senders for each in sender.seconds]
            returned = asyncio.get_running_loop().time()
            await made.start(made.postgres)
        await asyncio.gather(*(sender.case.agree() for sender in senders))
        caught_up = asyncio.get_running_loop().time() - returned
        await _check_all(senders, outcome, len(senders))
    outcome.acts, outcome.slowest, outcome.seconds = len(waited), max(waited), AWAY + caught_up
    outcome.figures = {
        "answers while PostgreSQL was away": f"p50 {median(waited):.3f} s, p99 {quantiles(waited, n=100)[98]:.3f} s,"
        f" slowest {max(waited):.3f} s ({len(waited)} acts)",
        "all recorded after its return within": f"{caught_up:.1f} s, its start included",
    }
    if max(waited) > ANSWERED_WITHIN:
        outcome.violations.append(f"an act was answered after {max(waited):.1f} s only")
    if caught_up > RECORDED_WITHIN:
        outcome.violations.append(f"the record had caught up after {caught_up:.1f} s only")
    return outcome


async def thousand_deadlines(seed: str) -> RunOutcome:
    """All at one instant, and the worker is killed a moment before."""
    outcome = RunOutcome(f"{seed}/deadlines", complaints=TOGETHER)
    outcome.struck[f"{TOGETHER:,} deadlines in the same second"] = 1
    async with ground() as made:
        received_at = real_now()
        due = received_at + timedelta(seconds=OPENED_WITHIN)
        senders = await _opened_together(made, received_at)
        async with asyncio.timeout((due - real_now()).total_seconds()):
            await _on_record(made, EventKind.OPENED)
        await asyncio.sleep((due - real_now()).total_seconds() - Random(seed).uniform(-0.5, 0.5))  # noqa: S311
        await worker_killed(made)
        outcome.struck["worker_killed"] = 1
        async with asyncio.timeout(LAPSED_WITHIN):
            await _on_record(made, EventKind.LAPSED)
        recorded = (real_now() - due).total_seconds()
        outcome.figures = {f"{TOGETHER:,} lapses on the record after": f"{recorded:.1f} s, with the worker killed"}
        await _check_all(senders, outcome, REPLAYED)
        outcome.seconds = (real_now() - received_at).total_seconds()
    return outcome


async def _opened_together(made: Ground, received_at: datetime) -> list[Sender]:
    at_once = asyncio.Semaphore(20)

    async def one() -> Sender:
        async with at_once:
            return Sender(await _opened(made, received_at, DUE_TOGETHER))

    return await asyncio.gather(*(one() for _ in range(TOGETHER)))


async def _on_record(made: Ground, kind: EventKind) -> None:
    """Until so many complaints have an event of that kind there."""
    counting = select(func.count()).select_from(tables.events).where(tables.events.c.kind == kind)
    counted = 0
    while counted < TOGETHER:
        await asyncio.sleep(0.5)
        async with made.engine.connect() as connection:
            counted = (await connection.execute(counting)).scalar_one()


async def _opened(made: Ground, received_at: datetime, policy: Policy) -> Case:
    given = form("T", received_at=received_at, told_case_handler_on=f"{received_at:%Y-%m-%d}")
    return await Desk(made.client, made.engine, TASK_QUEUE).open_form(given, now=received_at, policy=policy)


async def _reassign_until(sender: Sender, until: float) -> None:
    number = 0
    while asyncio.get_running_loop().time() < until:
        number += 1
        answer = await sender.update(sender.case.act(acts.Reassign, "lead", to=f"m.{number}", reason="On leave."))
        assert isinstance(answer, Answer), answer
        await asyncio.sleep(1)


async def _check_all(senders: Sequence[Sender], outcome: RunOutcome, replayed: int) -> None:
    at_once = asyncio.Semaphore(10)

    async def one(number: int, sender: Sender) -> None:
        async with at_once:
            try:
                runs = await check(sender)
                if number < replayed:
                    await replay(runs)
            except Exception:  # noqa: BLE001 (violated, or not to be checked, which is no better)
                outcome.violations.append(f"{sender.case.reference}: {traceback.format_exc()}")

    await asyncio.gather(*(one(number, sender) for number, sender in enumerate(senders)))


Scenario = Callable[[str], Coroutine[Any, Any, RunOutcome]]
SCENARIOS: tuple[Scenario, ...] = (postgres_away, thousand_deadlines)
