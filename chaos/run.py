"""One run: complaints are brought to their stages, the storm breaks, and when all is quiet everything is checked."""

import asyncio
import json
import tempfile
import traceback
from collections import Counter
from collections.abc import Awaitable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.service import RPCError

from chaos.accepted_acts import runs_of
from chaos.environment import TASK_QUEUE, Ground
from chaos.faults import BY_NAME
from chaos.invariants import check, replay
from chaos.oracle import Violation
from chaos.plan import CALM_POLICY, HURRIED_POLICY, ComplaintPlan, Plan
from chaos.senders import Sender
from chaos.temporal_cli import temporal_command
from complaints.runtime.clock import now as real_now
from tests.fixtures.random_complaints import HANDLER
from tests.workflows.complaint_driver import Desk, form
from tests.workflows.malformed_signals import POISON

ENDS_WITHIN = 90.0
"""Seconds for a storm with all its acts answered; one that takes longer has lost an answer."""
UNREADABLE = ("TMPRL1100", "Nondeterminism")
"""What no worker's log may say."""
THREE_MEGABYTES = 3 * 1024 * 1024


@dataclass
class RunOutcome:
    seed: str
    struck: Counter[str] = field(default_factory=Counter)
    """How often each fault struck, and each way of sending was used."""
    acts: int = 0
    complaints: int = 0
    continued: int = 0
    """How many complaints continued as new."""
    seconds: float = 0.0
    slowest: float = 0.0
    """Seconds that the slowest answer took."""
    figures: dict[str, str] = field(default_factory=dict)
    """What was measured."""
    violations: list[str] = field(default_factory=list)
    logs: str | None = None
    """Where the logs of a run with violations are kept."""


async def live(ground: Ground, plan: Plan) -> RunOutcome:
    outcome = RunOutcome(plan.seed, complaints=len(plan.complaints))
    loop = asyncio.get_running_loop()
    begun = loop.time()
    senders: list[Sender] = []
    try:
        async with asyncio.timeout(ENDS_WITHIN):
            async with asyncio.TaskGroup() as opening:
                opened = [opening.create_task(_open(ground, told)) for told in plan.complaints]
            senders += [each.result() for each in opened]
            await _storm(ground, plan, senders, outcome)
    except Exception:  # noqa: BLE001 (whatever it is, the run has failed)
        outcome.violations.append(traceback.format_exc())
    checked = await asyncio.gather(*(_checked(sender, outcome) for sender in senders))
    runs = [run for runs in checked for run in runs]
    await _or_violation(replay(runs), outcome)
    _read_logs(ground, outcome)
    outcome.continued = sum(len(runs) > 1 for runs in checked)
    outcome.acts = sum(len(sender.sent) for sender in senders)
    outcome.slowest = max((max(sender.seconds, default=0) for sender in senders), default=0)
    outcome.seconds = loop.time() - begun
    if outcome.violations:
        outcome.logs = _keep(ground, runs, outcome.violations)
    await asyncio.gather(*(_end(sender) for sender in senders))
    return outcome


async def _open(ground: Ground, told: ComplaintPlan) -> Sender:
    now = told.opened_at or real_now()
    policy = CALM_POLICY if told.opened_at else HURRIED_POLICY
    case = {"reference": "K-1", "open": False, "handler": HANDLER}
    given = form("T", received_at=now, told_case_handler_on=None, case=case)
    desk = Desk(ground.client, ground.engine, TASK_QUEUE)
    sender = Sender(await desk.open_form(given, now=now, policy=policy))
    await sender.read_clock()
    await sender.bring_to(told.stage)
    return sender


async def _storm(ground: Ground, plan: Plan, senders: list[Sender], outcome: RunOutcome) -> None:
    begins = asyncio.get_running_loop().time()

    async def at(seconds: float, doing: Awaitable[None]) -> None:
        await asyncio.sleep(max(0.0, begins + seconds - asyncio.get_running_loop().time()))
        await doing

    async with asyncio.TaskGroup() as storm:
        for sender, told in zip(senders, plan.complaints, strict=True):
            for sending in told.sendings:
                outcome.struck[f"act {sending.way}"] += 1
                storm.create_task(at(sending.at, sender.send(sending)))
            for stroll in told.strolls:
                storm.create_task(at(stroll.at, sender.stroll(stroll)))
            for poison in told.poisons:
                storm.create_task(at(poison.at, _poison(ground, sender, poison.pick, outcome)))
        for strike in plan.strikes:
            storm.create_task(at(strike.at, _strike(ground, strike.fault, outcome)))
    if not ground.works():
        raise Violation("a server or the worker ended by itself")


async def _strike(ground: Ground, fault: str, outcome: RunOutcome) -> None:
    if await BY_NAME[fault](ground):
        outcome.struck[fault] += 1


async def _poison(ground: Ground, sender: Sender, pick: int, outcome: RunOutcome) -> None:
    """By Temporal's own command: each a signal and an update."""
    which = ("--workflow-id", sender.case.reference, "--name")
    if pick % 4 == 0:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"id": "much", "by": "m", "explanation": "x" * THREE_MEGABYTES}, file)
            file.flush()
            inputs, name = ["--input-file", file.name], "settle"
            outcome.struck["payload of 3 MB"] += 1
            await _by_command(ground, sender, which, name, inputs)
    else:
        name, args = POISON[pick % len(POISON)]
        inputs = [word for arg in args for word in ("--input", json.dumps(arg))]
        outcome.struck["poison"] += 1
        await _by_command(ground, sender, which, name, inputs)


async def _by_command(ground: Ground, sender: Sender, which: tuple[str, ...], name: str, inputs: list[str]) -> None:
    if await temporal_command(ground.address, "workflow", "signal", *which, name, *inputs) == 0:
        sender.poisons[name] += 1
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            await temporal_command(ground.address, "workflow", "update", "execute", *which, name, *inputs)


async def _checked(sender: Sender, outcome: RunOutcome) -> list[WorkflowHistory]:
    try:
        return await check(sender)
    except Violation as violation:
        outcome.violations.append(f"{sender.case.reference}: {violation}")
    except Exception:  # noqa: BLE001 (it could not be checked, which is no better)
        outcome.violations.append(f"{sender.case.reference}: {traceback.format_exc()}")
    with suppress(RPCError):
        return await runs_of(sender.case.client, sender.case.reference)
    return []


async def _or_violation(checking: Awaitable[None], outcome: RunOutcome) -> None:
    try:
        await checking
    except Violation as violation:
        outcome.violations.append(str(violation))


def _read_logs(ground: Ground, outcome: RunOutcome) -> None:
    for log in ground.logs.glob("worker-*.log"):
        said = log.read_text(errors="replace")
        outcome.violations += [f"{log.name} says {word}" for word in UNREADABLE if word in said]


def _keep(ground: Ground, runs: list[WorkflowHistory], violations: list[str]) -> str:
    """Logs and histories, out of the ground that is erased."""
    kept = Path(tempfile.mkdtemp(prefix="chaos-"))
    (kept / "violations.txt").write_text("\n\n".join(violations))
    for log in ground.logs.iterdir():
        (kept / log.name).write_bytes(log.read_bytes())
    for run in runs:
        (kept / f"{run.workflow_id}-{run.run_id}.json").write_text(run.to_json())
    return str(kept)


async def _end(sender: Sender) -> None:
    """So that it burdens no later run."""
    with suppress(RPCError):
        await sender.case.handle.terminate()
