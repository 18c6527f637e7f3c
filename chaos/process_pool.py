"""Run plans in parallel processes, each with its environment: a replay uses a core."""

import asyncio
import signal
from collections.abc import Generator, Sequence
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.process import BaseProcess
from multiprocessing.queues import Queue
from queue import Empty

from chaos.environment import start_environment
from chaos.plan import FaultName, make_plan
from chaos.run import RunOutcome, run_plan

POLL_SECONDS = 5.0


def run_in_processes(seeds: list[str], jobs: int, faults: Sequence[FaultName]) -> Generator[RunOutcome, None, None]:
    """Run the plan of each seed in one of `jobs` processes; yield outcomes as they come.

    Every plan has `faults`, and others. An interrupt or `close()` ends the processes, and their servers.
    """
    context = get_context("spawn")
    waiting, done = context.Queue(), context.Queue()
    for seed in [*seeds, *[None] * jobs]:
        waiting.put(seed)
    processes = [context.Process(target=_work, args=(waiting, done, faults)) for _ in range(jobs)]
    for process in processes:
        process.start()
    try:
        for _ in seeds:
            yield _next(done, processes)
    except (GeneratorExit, KeyboardInterrupt):
        for process in processes:
            process.terminate()
        raise
    finally:
        for process in processes:
            process.join()


def _next(done: "Queue[RunOutcome]", processes: Sequence[BaseProcess]) -> RunOutcome:
    while True:
        try:
            return done.get(timeout=POLL_SECONDS)
        except Empty:
            if not any(process.is_alive() for process in processes):
                raise RuntimeError("every process has ended: none could start its environment") from None


def _work(waiting: "Queue[str | None]", done: "Queue[RunOutcome]", faults: Sequence[FaultName]) -> None:
    """Run until nothing waits, or until SIGTERM: then stop the servers first."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # a terminal sends it to all, but the parent decides
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with suppress(KeyboardInterrupt):
        asyncio.run(_run_all(waiting, done, faults))


async def _run_all(waiting: "Queue[str | None]", done: "Queue[RunOutcome]", faults: Sequence[FaultName]) -> None:
    while await _run_in_one_environment(waiting, done, faults):
        continue


async def _run_in_one_environment(
    waiting: "Queue[str | None]", done: "Queue[RunOutcome]", faults: Sequence[FaultName]
) -> bool:
    """Run plans until a violation, which needs a new environment; return whether there was one."""
    async with start_environment() as environment:
        while seed := waiting.get():
            outcome = await run_plan(environment, make_plan(seed, always=faults))
            done.put(outcome)
            if outcome.violations:
                return True
    return False
