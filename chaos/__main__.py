"""Run seeded plans, then the scenarios; or some scenarios alone.

Exit code 1: a violation; 130: interrupted.
"""

import argparse
import asyncio
import secrets
import sys
import traceback
from collections.abc import Generator
from contextlib import closing
from functools import partial

from chaos.plan import FaultName
from chaos.process_pool import run_in_processes
from chaos.report import print_run, print_table
from chaos.rolling.scenario import Scale, rolling_restarts
from chaos.run import RunOutcome
from chaos.scenarios import SCENARIOS

VIOLATED, INTERRUPTED = 1, 130


def main() -> int:
    """Return the exit code. After an interrupt (SIGINT), the table has the runs that ended."""
    arguments = _read_arguments()
    seed = arguments.seed or secrets.token_hex(4)
    print(f"seed {seed}", flush=True)
    outcomes: list[RunOutcome] = []
    is_interrupted = False
    with closing(_run_all(arguments, seed)) as running:
        try:
            for outcome in running:
                print_run(outcome)
                outcomes.append(outcome)
        except KeyboardInterrupt:
            is_interrupted = True
            print("Interrupted: the table has the runs that ended.", file=sys.stderr, flush=True)
    print_table(outcomes)
    if any(outcome.violations for outcome in outcomes):
        return VIOLATED
    return INTERRUPTED if is_interrupted else 0


def _run_all(arguments: argparse.Namespace, seed: str) -> Generator[RunOutcome, None, None]:
    faults = [FaultName(name) for name in arguments.fault]
    if arguments.only:
        yield from run_in_processes([f"{seed}/{arguments.only}"], 1, faults)
        return
    if not arguments.scenario:
        yield from run_in_processes([f"{seed}/{n}" for n in range(1, arguments.runs + 1)], arguments.jobs, faults)
    for name in arguments.scenario or SCENARIOS:
        yield _run_scenario(name, seed, arguments)


def _read_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=10, help="number of seeded runs")
    parser.add_argument("--seed", help="the seed of the plans; default: a new one")
    parser.add_argument("--jobs", type=int, default=2, help="runs in parallel")
    parser.add_argument("--only", type=int, help="repeat just the run of this number, without the scenarios")
    parser.add_argument(
        "--fault",
        action="append",
        default=[],
        choices=[str(name) for name in FaultName],
        help="a fault that happens in every run; may be repeated",
    )
    parser.add_argument(
        "--scenario", action="append", default=[], choices=SCENARIOS, help="just this scenario; may be repeated"
    )
    scale = Scale()
    parser.add_argument("--callers", type=int, default=scale.callers, help="callers of rolling-restarts")
    parser.add_argument("--rounds", type=int, default=scale.rounds, help="how often rolling-restarts restarts each")
    parser.add_argument(
        "--drain-seconds", type=int, default=scale.drain_seconds, help="COMPLAINTS_DRAIN_SECONDS of rolling-restarts"
    )
    return parser.parse_args()


def _run_scenario(name: str, seed: str, arguments: argparse.Namespace) -> RunOutcome:
    scenario = SCENARIOS[name]
    if scenario is rolling_restarts:
        scale = Scale(callers=arguments.callers, rounds=arguments.rounds, drain_seconds=arguments.drain_seconds)
        scenario = partial(rolling_restarts, scale=scale)
    try:
        return asyncio.run(scenario(f"{seed}/{name}"))
    except Exception:  # noqa: BLE001 (any failure is a violation)
        return RunOutcome(f"{seed}/{name}", violations=[traceback.format_exc()])


if __name__ == "__main__":
    sys.exit(main())
