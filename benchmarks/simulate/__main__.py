"""Simulate a year of complaints: `python -m benchmarks.simulate`.

Prints its load and the workers that it takes.
"""

import argparse
import os
import sys
from datetime import time

from benchmarks.simulate.capacity import Costs
from benchmarks.simulate.load import Size, simulate
from benchmarks.simulate.report import report
from complaints.runtime.exit import exit_process

DEFAULT = Size()
COSTS = Costs(opening=34.5, act=58.7, timer=32.2, delivery=31.3)
"""From docs/scale.md, by `python -m benchmarks.simulate.costs`."""


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.simulate", description=__doc__)
    add = parser.add_argument
    add("--year", type=int, default=DEFAULT.year, help="a calendar year; default: %(default)s")
    add("--complaints", type=int, default=DEFAULT.complaints, metavar="N", help="received in it; default: %(default)s")
    add("--sample", type=int, default=DEFAULT.sample, metavar="N", help="lives for each day; default: %(default)s")
    add("--all", action="store_true", help="simulate every complaint: about an hour for a million")
    add("--seed", default=DEFAULT.seed, help="the same seed gives the same year; default: %(default)s")
    add("--processes", type=int, default=os.cpu_count() or 1, metavar="N", help="default: the processor's cores")
    add(
        "--reads",
        type=float,
        default=5,
        metavar="N",
        help="HTTP requests that read, for each act; default: %(default)s",
    )
    add("--notices-at", type=time.fromisoformat, metavar="HH:MM", help="instead of the policy's hour of notices")
    for name in Costs._fields:
        cost = getattr(COSTS, name)
        add(f"--{name}-ms", type=float, default=cost, metavar="MS", help=f"a worker's CPU for it; default: {cost}")
    given = parser.parse_args(arguments)
    size = Size(given.year, given.complaints, None if given.all else given.sample, given.seed, given.notices_at)
    costs = Costs(*(getattr(given, f"{name}_ms") for name in Costs._fields))
    print("\n\n".join(report(size, simulate(size, given.processes), costs, given.reads)))
    return 0


if __name__ == "__main__":
    exit_process(main(sys.argv[1:]))
