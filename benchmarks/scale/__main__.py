"""Measure the record's size, and the times of questions, as closed complaints grow.

Run as `python -m benchmarks.scale N`. It makes lives by the procedure and copies them by SQL up to N, and measures on
the way at a hundredth and a tenth of N.
"""

import argparse
import asyncio
import sys
from collections.abc import Sequence
from contextlib import suppress
from time import monotonic, sleep

from benchmarks.scale.measurement import Figures, measure, measure_partitions, render_sizes, render_times
from benchmarks.scale.questions import ROUNDS
from benchmarks.tables.markdown import machine
from complaints.records.database import RecordError
from complaints.runtime.exit import exit_process
from local.ephemeral_stack import ephemeral_postgres
from local.servers.owner import owner_url, upgrade_as_owner
from local.supervisor.roles import StackError

MEASURED, NOT_MEASURED = 0, 1
LIVES, OPEN = 2_500, 2_500


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.scale", description=__doc__)
    parser.add_argument("number", type=int, metavar="N", help="how many closed complaints at last")
    parser.add_argument("--lives", type=int, default=LIVES, help="how many of them the procedure makes")
    parser.add_argument("--open", type=int, default=OPEN, help="how many are open, at every size")
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--partitions", action="store_true", help="then compare `events` with yearly partitions")
    parser.add_argument("--keep", action="store_true", help="leave PostgreSQL up until interrupted")
    given = parser.parse_args(arguments)
    sizes = [size for size in (given.number // 100, given.number // 10) if size > given.lives] + [given.number]
    try:
        with ephemeral_postgres() as url:
            upgrade_as_owner(url)
            wal, figures = asyncio.run(measure(url, given.lives, given.open, sizes, given.rounds, _tell))
            _print(given.lives, given.open, wal, figures)
            if given.partitions:
                print(f"\n{asyncio.run(measure_partitions(url, _tell))}", flush=True)
            if given.keep:
                _tell(f"PostgreSQL is at {owner_url(url)}")
                _wait_for_interrupt()
    except (StackError, RecordError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return NOT_MEASURED
    return MEASURED


def _print(lives: int, number_open: int, wal: float, figures: Sequence[Figures]) -> None:
    print(f"{machine()}. {number_open:,} open; {lives:,} lives. WAL a complaint: {wal:,.0f} bytes.\n")
    print(render_times(figures))
    print(f"\n{render_sizes(figures[-1], number_open)}", flush=True)


def _wait_for_interrupt() -> None:
    with suppress(KeyboardInterrupt):
        while True:
            sleep(3_600)


begun = monotonic()


def _tell(said: str) -> None:
    print(f"{monotonic() - begun:5.0f} s  {said}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    exit_process(main(sys.argv[1:]))
