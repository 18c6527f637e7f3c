"""`python -m chaos`: seeded runs, then the scenarios; exit code 1 on a violation."""

import argparse
import asyncio
import secrets
import sys
import traceback

from chaos.plan import FaultName
from chaos.process_pool import run_in_processes
from chaos.report import print_run, print_table
from chaos.run import RunOutcome
from chaos.scenarios import SCENARIOS, Scenario


def main() -> int:
    arguments = _read_arguments()
    seed = arguments.seed or secrets.token_hex(4)
    faults = [FaultName(name) for name in arguments.fault]
    print(f"seed {seed}", flush=True)
    if arguments.only:
        outcomes = [_report(each) for each in run_in_processes([f"{seed}/{arguments.only}"], 1, faults)]
    else:
        outcomes = [
            _report(each)
            for each in run_in_processes([f"{seed}/{n}" for n in range(1, arguments.runs + 1)], arguments.jobs, faults)
        ]
        outcomes += [_report(_run_scenario(scenario, seed)) for scenario in SCENARIOS]
    print_table(outcomes)
    return 1 if any(outcome.violations for outcome in outcomes) else 0


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
    return parser.parse_args()


def _run_scenario(scenario: Scenario, seed: str) -> RunOutcome:
    try:
        return asyncio.run(scenario(seed))
    except Exception:  # noqa: BLE001 (any failure is a violation)
        return RunOutcome(f"{seed}/{scenario.__name__}", violations=[traceback.format_exc()])


def _report(outcome: RunOutcome) -> RunOutcome:
    print_run(outcome)
    return outcome


if __name__ == "__main__":
    sys.exit(main())
