"""Run a plan: open complaints, send acts amid faults, then check every invariant."""

import asyncio
import json
import tempfile
import traceback
from collections import Counter
from collections.abc import Awaitable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from temporalio.client import WorkflowHistory
from temporalio.service import RPCError

from chaos.accepted_acts import fetch_chain
from chaos.edges import EDGES
from chaos.environment import TASK_QUEUE, Environment
from chaos.faults import BY_NAME
from chaos.invariants import AGREEMENT_TIMEOUT_SECONDS, check, replay
from chaos.oracle import Violation
from chaos.plan import DEFAULT_POLICY, FAST_POLICY, ComplaintPlan, EdgePlan, FaultName, Plan
from chaos.senders import ActSender
from chaos.temporal_cli import temporal_command
from complaints.runtime.clock import now as real_now
from tests.fixtures.random_acts import HANDLER
from tests.workflows.complaint_driver import ComplaintOpener, form
from tests.workflows.malformed_signals import MALFORMED_SIGNALS

STORM_TIMEOUT_SECONDS = 300.0
"""If acts remain unanswered for longer, an answer was lost."""
BROKEN_TIMEOUT_SECONDS = 5.0
"""For what became of the complaints when the run has failed already."""
FATAL_LOG_TEXTS = ("TMPRL1100", "Nondeterminism")
"""Texts that no worker's log may hold."""
CHECKED_AT_ONCE = 10
THREE_MEGABYTES = 3 * 1024 * 1024


@dataclass
class RunOutcome:
    seed: str
    occurrences: Counter[str] = field(default_factory=Counter)
    """How often each fault happened, each sending mode was used, and each edge was passed."""
    acts: int = 0
    complaints: int = 0
    continued: int = 0
    """The number of complaints that continued as new."""
    seconds: float = 0.0
    slowest: float = 0.0
    """The slowest answer, in seconds."""
    measurements: dict[str, str] = field(default_factory=dict)
    violations: list[str] = field(default_factory=list)
    logs: str | None = None
    """The folder with the logs of a run with violations."""


async def run_plan(environment: Environment, plan: Plan) -> RunOutcome:
    outcome = RunOutcome(plan.seed, complaints=len(plan.complaints))
    loop = asyncio.get_running_loop()
    begun = loop.time()
    senders: list[ActSender] = []
    try:
        async with asyncio.timeout(STORM_TIMEOUT_SECONDS):
            async with asyncio.TaskGroup() as opening:
                opened = [opening.create_task(_open(environment, complaint)) for complaint in plan.complaints]
            senders += [each.result() for each in opened]
            environment.senders = senders
            await _storm(environment, plan, senders, outcome)
    except Exception:  # noqa: BLE001 (any failure is a violation)
        outcome.violations.append(traceback.format_exc())
    patience = BROKEN_TIMEOUT_SECONDS if outcome.violations else AGREEMENT_TIMEOUT_SECONDS
    checked = await asyncio.gather(*(_check(sender, outcome, patience) for sender in senders))
    runs = [run for runs in checked for run in runs]
    await note_violation(replay(environment.client, runs), outcome)
    read_logs(environment, outcome)
    outcome.continued = sum(len(runs) > 1 for runs in checked)
    outcome.acts = sum(len(sender.sent) for sender in senders)
    outcome.slowest = max((max(sender.answer_seconds, default=0) for sender in senders), default=0)
    outcome.seconds = loop.time() - begun
    if outcome.violations:
        outcome.logs = save_logs(environment, runs, outcome.violations)
    else:
        await environment.remove_complaints()
    return outcome


async def check_all(senders: Sequence[ActSender], outcome: RunOutcome, replayed: int) -> list[WorkflowHistory]:
    """Check every complaint, and replay the first `replayed`; return the histories."""
    at_once = asyncio.Semaphore(CHECKED_AT_ONCE)
    histories: list[WorkflowHistory] = []

    async def one(number: int, sender: ActSender) -> None:
        async with at_once:
            try:
                runs = await check(sender)
                histories.extend(runs)
                if number < replayed:
                    await replay(sender.driver.client, runs)
            except Exception:  # noqa: BLE001 (a failed check is a violation)
                outcome.violations.append(f"{sender.driver.reference}: {traceback.format_exc()}")

    await asyncio.gather(*(one(number, sender) for number, sender in enumerate(senders)))
    return histories


async def _open(environment: Environment, complaint: ComplaintPlan) -> ActSender:
    now = complaint.opened_at or real_now()
    policy = DEFAULT_POLICY if complaint.opened_at else FAST_POLICY
    case = {"reference": "K-1", "open": False, "handler": HANDLER}
    complaint_form = form("T", received_at=now, told_case_handler_on=None, case=case)
    opener = ComplaintOpener(environment.client, environment.engine, TASK_QUEUE)
    sender = ActSender(await opener.open_form(complaint_form, now=now, policy=policy))
    sender.gate, sender.is_virtual = environment.gate, policy is DEFAULT_POLICY
    await sender.read_clock()
    await sender.advance_to_stage(complaint.stage, is_fast=policy is FAST_POLICY)
    return sender


async def _storm(environment: Environment, plan: Plan, senders: list[ActSender], outcome: RunOutcome) -> None:
    begins = asyncio.get_running_loop().time()

    async def at(seconds: float, doing: Awaitable[None]) -> None:
        await asyncio.sleep(max(0.0, begins + seconds - asyncio.get_running_loop().time()))
        await doing

    async with asyncio.TaskGroup() as storm:
        for sender, complaint in zip(senders, plan.complaints, strict=True):
            for sending in complaint.sendings:
                outcome.occurrences[f"act {sending.mode}"] += 1
                storm.create_task(at(sending.at, sender.send(sending)))
            storm.create_task(at(complaint.edge.at, _pass_edge(sender, complaint.edge, outcome)))
            for clock_move in complaint.clock_moves:
                storm.create_task(at(clock_move.at, sender.move_clock(clock_move)))
            for malformed in complaint.malformed:
                storm.create_task(at(malformed.at, _send_malformed(environment, sender, malformed.pick, outcome)))
        for scheduled in plan.faults:
            storm.create_task(at(scheduled.at, _inject_fault(environment, scheduled.fault, outcome)))
    if not environment.all_running():
        raise Violation("a server or the worker ended without a fault")


async def _pass_edge(sender: ActSender, edge: EdgePlan, outcome: RunOutcome) -> None:
    if await sender.pass_edge(EDGES[edge.name]):
        outcome.occurrences[f"edge {edge.name}"] += 1


async def _inject_fault(environment: Environment, fault: FaultName, outcome: RunOutcome) -> None:
    if await BY_NAME[fault](environment):
        outcome.occurrences[fault] += 1


async def _send_malformed(environment: Environment, sender: ActSender, pick: int, outcome: RunOutcome) -> None:
    """Send malformed input with Temporal's CLI, as a signal and as an update."""
    which = ("--workflow-id", sender.driver.reference, "--name")
    if pick % 4 == 0:
        with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
            json.dump({"id": "much", "by": "m", "explanation": "x" * THREE_MEGABYTES}, file)
            file.flush()
            inputs, name = ["--input-file", file.name], "settle"
            outcome.occurrences["payload of 3 MB"] += 1
            await _send_by_cli(environment, sender, which, name, inputs)
    else:
        name, args = MALFORMED_SIGNALS[pick % len(MALFORMED_SIGNALS)]
        inputs = [word for arg in args for word in ("--input", json.dumps(arg))]
        outcome.occurrences["poison"] += 1
        await _send_by_cli(environment, sender, which, name, inputs)


async def _send_by_cli(
    environment: Environment, sender: ActSender, which: tuple[str, ...], name: str, inputs: list[str]
) -> None:
    async with environment.gate.pass_through():  # nobody gives it again, if it is lost with an older copy
        if await temporal_command(environment.address, "workflow", "signal", *which, name, *inputs) == 0:
            sender.malformed[name] += 1
    with suppress(TimeoutError):
        async with asyncio.timeout(5):
            await temporal_command(environment.address, "workflow", "update", "execute", *which, name, *inputs)


async def _check(sender: ActSender, outcome: RunOutcome, patience: float) -> list[WorkflowHistory]:
    try:
        return await check(sender, patience)
    except Violation as violation:
        outcome.violations.append(f"{sender.driver.reference}: {violation}")
    except Exception:  # noqa: BLE001 (a failed check is a violation)
        outcome.violations.append(f"{sender.driver.reference}: {traceback.format_exc()}")
    with suppress(RPCError):
        chain = await fetch_chain(sender.driver.client, sender.driver.reference)
        return [run for each in (*sender.ended, chain) for run in each.runs]
    return []


async def note_violation(checking: Awaitable[None], outcome: RunOutcome) -> None:
    try:
        await checking
    except Violation as violation:
        outcome.violations.append(str(violation))


def read_logs(environment: Environment, outcome: RunOutcome) -> None:
    for log in environment.logs.glob("worker-*.log"):
        text = log.read_text(errors="replace")
        outcome.violations += [f"{log.name} says {fatal}" for fatal in FATAL_LOG_TEXTS if fatal in text]


def save_logs(environment: Environment, runs: list[WorkflowHistory], violations: list[str]) -> str:
    """Save logs and histories before the environment is erased; return the folder."""
    folder = Path(tempfile.mkdtemp(prefix="chaos-"))
    (folder / "violations.txt").write_text("\n\n".join(violations))
    for log in environment.logs.iterdir():
        (folder / log.name).write_bytes(log.read_bytes())
    for run in runs:
        (folder / f"{run.workflow_id}-{run.run_id}.json").write_text(run.to_json())
    return str(folder)
