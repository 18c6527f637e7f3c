"""`python -m tests.chaos`: seeded runs, then the scenarios; the exit code is 1 on a violation."""

import argparse
import asyncio
import secrets
import sys
from collections.abc import Iterator
from multiprocessing import get_context
from multiprocessing.queues import Queue

from tests.chaos.ground import ground
from tests.chaos.plan import plan
from tests.chaos.report import print_run, print_table
from tests.chaos.run import Outcome, live
from tests.chaos.scenarios import SCENARIOS


def main() -> int:
    given = _arguments()
    seed = given.seed or secrets.token_hex(4)
    print(f"seed {seed}", flush=True)
    if given.only:
        outcomes = list(_by_jobs([f"{seed}/{given.only}"], 1))
    else:
        outcomes = list(_by_jobs([f"{seed}/{number}" for number in range(1, given.runs + 1)], given.jobs))
        outcomes += [_reported(asyncio.run(scenario(seed))) for scenario in SCENARIOS]
    print_table(outcomes)
    return 1 if any(outcome.violations for outcome in outcomes) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--seed", help="from which everything follows; a new one if none is given")
    parser.add_argument("--jobs", type=int, default=2, help="how many grounds are used at a time")
    parser.add_argument("--only", type=int, help="the number of the one run to live again, without the scenarios")
    return parser.parse_args()


def _by_jobs(seeds: list[str], jobs: int) -> Iterator[Outcome]:
    """Processes of their own: replaying histories takes a core."""
    context = get_context("spawn")
    waiting, done = context.Queue(), context.Queue()
    for seed in [*seeds, *[None] * jobs]:
        waiting.put(seed)
    processes = [context.Process(target=_work, args=(waiting, done)) for _ in range(jobs)]
    for process in processes:
        process.start()
    for _ in seeds:
        yield _reported(done.get())
    for process in processes:
        process.join()


def _work(waiting: "Queue[str | None]", done: "Queue[Outcome]") -> None:
    asyncio.run(_live_all(waiting, done))


async def _live_all(waiting: "Queue[str | None]", done: "Queue[Outcome]") -> None:
    """One run after another on one ground; on a new one after a violation."""
    seed = waiting.get()
    while seed:
        async with ground() as made:
            sound = True
            while seed and sound:
                outcome = await live(made, plan(seed))
                done.put(outcome)
                sound = not outcome.violations
                seed = waiting.get()


def _reported(outcome: Outcome) -> Outcome:
    print_run(outcome)
    return outcome


if __name__ == "__main__":
    sys.exit(main())
