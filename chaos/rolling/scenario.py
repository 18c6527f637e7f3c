"""Restart every process in turn while callers go on; then kill one of each kind."""

import asyncio
from contextlib import AsyncExitStack
from dataclasses import dataclass
from random import Random
from typing import Any

from temporalio.client import WorkflowHandle

from chaos.environment import Environment, start_environment
from chaos.invariants import check_no_task_failed
from chaos.rolling.deployments import GRACE_SECONDS, start_all
from chaos.rolling.load import SYSTEM, Load
from chaos.rolling.processes import Deployments, make_deployments
from chaos.rolling.record import count_accepted, count_doubled, count_lost_tasks, wait_until_all_is_sent
from chaos.rolling.tally import KILLED, RESTARTED, Tallies
from chaos.run import RunOutcome, check_all, note_violation, read_logs, save_logs
from complaints.api_keys import ApiKey
from local.sign_in.server import serve_sign_in
from tests.channels.smtp_server import SmtpServer
from worker.replay.fetch_histories import ALL_RUNS

JOURNEY_TIMEOUT_SECONDS = 300.0
"""For the next complaint to have had all acts."""
POLL_SECONDS = 0.1
REPLAYS = 10
"""The number of complaints whose histories are replayed."""


@dataclass(frozen=True)
class Scale:
    """How much runs, and how often it is restarted."""

    workers: int = 3
    """The last one serves deliveries; at least two."""
    services: int = 2
    codecs: int = 1
    callers: int = 4
    """Each opens complaints and acts on them; others read lists and payloads."""
    rounds: int = 2
    drain_seconds: int = 2
    """For which services and codec servers answer requests after SIGTERM; longer than callers pause."""
    kills: bool = True
    """Whether one of each kind is killed at the end."""


async def rolling_restarts(seed: str, scale: Scale = Scale()) -> RunOutcome:
    """Run the scenario; return what callers saw, and violations."""
    outcome, key = RunOutcome(seed), ApiKey.new()
    tallies = Tallies()
    begun = asyncio.get_running_loop().time()
    async with AsyncExitStack() as opened:
        environment = await opened.enter_async_context(start_environment(with_worker=False, systems={SYSTEM: key}))
        mail = await opened.enter_async_context(SmtpServer())
        issuer = opened.enter_context(serve_sign_in())
        kinds = await opened.enter_async_context(
            make_deployments(environment, mail, issuer, workers=scale.workers, drain_seconds=scale.drain_seconds)
        )
        await start_all(
            environment,
            [(kinds.workers, scale.workers), (kinds.services, scale.services), (kinds.codecs, scale.codecs)],
        )
        await environment.make_current()
        random = Random(seed)  # noqa: S311 (a plan by its seed)
        load = Load(environment, issuer, str(key), kinds.intake.url, kinds.codec.url, tallies, random)
        try:
            async with asyncio.TaskGroup() as running:
                running.create_task(load.run(scale.callers))
                await _restart(kinds, load, scale, outcome, mail)
                load.stop()
        except* Exception as errors:  # noqa: BLE001 (any failure is a violation)
            outcome.violations += [f"{error!r}" for error in errors.exceptions]
        await _check(environment, load, kinds, mail, outcome)
        outcome.seconds = asyncio.get_running_loop().time() - begun
        _report(kinds, load, outcome)
        if outcome.violations:
            outcome.logs = save_logs(environment, [], outcome.violations)
        for deployment in kinds.all.values():
            await deployment.kill_all()
    return outcome


async def _restart(kinds: Deployments, load: Load, scale: Scale, outcome: RunOutcome, mail: SmtpServer) -> None:
    await _wait_for_journeys(load)
    for _ in range(scale.rounds):
        for name, deployment in kinds.all.items():
            load.tallies.phase = f"{name}s are {RESTARTED}"
            await deployment.restart_all()
            await _wait_for_journeys(load)
            outcome.occurrences[f"{name} restarted"] += len(deployment.replicas)
    outcome.violations += [f"sent twice without a kill: {name}" for name in count_doubled(mail)]
    if scale.kills:
        for name, deployment in kinds.all.items():
            load.tallies.phase = f"one {name} is {KILLED}"
            await deployment.kill_one()
            await _wait_for_journeys(load)
            outcome.occurrences[f"{name} killed"] += 1


async def _wait_for_journeys(load: Load) -> None:
    """Wait until two more complaints have had all their acts."""
    wanted = load.journeys + 2
    async with asyncio.timeout(JOURNEY_TIMEOUT_SECONDS):
        while True:
            if load.journeys >= wanted:
                return
            await asyncio.sleep(POLL_SECONDS)


async def _check(
    environment: Environment, load: Load, kinds: Deployments, mail: SmtpServer, outcome: RunOutcome
) -> None:
    runs = await check_all(load.senders, outcome, REPLAYS)
    counted = await count_accepted(environment.engine, load.senders)
    unsent = await wait_until_all_is_sent(environment.engine, mail)
    outcome.violations += [f"lost: {fact}" for fact in counted.lost]
    outcome.violations += [f"doubled: {fact}" for fact in counted.doubled]
    outcome.violations += [f"not sent: {message}" for message in unsent]
    async for workflow in environment.client.list_workflows(f"NOT {ALL_RUNS}"):
        handle = environment.client.get_workflow_handle(workflow.id, run_id=workflow.run_id)
        await note_violation(_check_tasks(handle), outcome)
    read_logs(environment, outcome)
    outcome.violations += load.tallies.list_failures()
    for name, deployment in kinds.all.items():
        slow = [seconds for seconds in deployment.stop_seconds if seconds >= GRACE_SECONDS]
        outcome.violations += [f"a {name} did not end within {GRACE_SECONDS:.0f} s of SIGTERM" for _ in slow]
    outcome.complaints = len(load.senders)
    outcome.acts = counted.accepted - len(load.senders)
    outcome.measurements["accepted"] = (
        f"{outcome.complaints} complaints and {outcome.acts} acts; on the record {counted.lost.total()} are missing,"
        f" and {counted.doubled.total()} too many"
    )
    outcome.measurements["workflow tasks that no worker answered within 10 s"] = str(count_lost_tasks(runs))
    outcome.measurements["letters and alerts"] = (
        f"{len(mail.by_message_id())} sent, {unsent.total()} missing, {count_doubled(mail).total()} sent again"
    )


async def _check_tasks(handle: WorkflowHandle[Any, Any]) -> None:
    check_no_task_failed([await handle.fetch_history()])


def _report(kinds: Deployments, load: Load, outcome: RunOutcome) -> None:
    for phase, tallies in load.tallies.by_phase.items():
        for kind, tally in sorted(tallies.items()):
            outcome.measurements[f"{kind}, while {phase}"] = str(tally)
            outcome.slowest = max(outcome.slowest, tally.longest)
    outcome.measurements["connections that no replica took"] = (
        f"{kinds.intake.refused} to the intake service, {kinds.codec.refused} to the codec server"
    )
    outcome.measurements["payloads decoded"] = str(load.decoded)
    for name, deployment in kinds.all.items():
        longest = max(deployment.stop_seconds, default=0.0)
        outcome.measurements[f"{name}: from SIGTERM to its end"] = f"at most {longest:.1f} s"
