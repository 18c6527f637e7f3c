"""`python -m chaos`: seeded runs, then the scenarios; the exit code is 1 on a violation."""

import argparse
import asyncio
import secrets
import sys
import traceback

from chaos.process_pool import by_jobs
from chaos.report import print_run, print_table
from chaos.run import RunOutcome
from chaos.scenarios import SCENARIOS, Scenario


def main() -> int:
    given = _arguments()
    seed = given.seed or secrets.token_hex(4)
    print(f"seed {seed}", flush=True)
    if given.only:
        outcomes = [_reported(each) for each in by_jobs([f"{seed}/{given.only}"], 1)]
    else:
        outcomes = [_reported(each) for each in by_jobs([f"{seed}/{n}" for n in range(1, given.runs + 1)], given.jobs)]
        outcomes += [_reported(_lived(scenario, seed)) for scenario in SCENARIOS]
    print_table(outcomes)
    return 1 if any(outcome.violations for outcome in outcomes) else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m chaos", description=__doc__)
    parser.add_argument("--runs", type=int, default=10)
    parser.add_argument("--seed", help="from which everything follows; a new one if none is given")
    parser.add_argument("--jobs", type=int, default=2, help="how many grounds are used at a time")
    parser.add_argument("--only", type=int, help="the number of the one run to live again, without the scenarios")
    return parser.parse_args()


def _lived(scenario: Scenario, seed: str) -> RunOutcome:
    try:
        return asyncio.run(scenario(seed))
    except Exception:  # noqa: BLE001 (whatever it is, it has failed)
        return RunOutcome(f"{seed}/{scenario.__name__}", violations=[traceback.format_exc()])


def _reported(outcome: RunOutcome) -> RunOutcome:
    print_run(outcome)
    return outcome


if __name__ == "__main__":
    sys.exit(main())
