"""Measure the product against a bare Temporal baseline, in one run: `make bench`."""

import argparse
import asyncio
import sys
from time import monotonic

from sqlalchemy.exc import SQLAlchemyError
from temporalio.service import RPCError

from benchmarks.histories import stories, weigh
from benchmarks.load import QUICK, Size
from benchmarks.measurements import HAS_DBOS, accepting, from_make_up, on_servers, redating, replays
from benchmarks.servers import NotMeasuredError
from benchmarks.tables.markdown import facts, histories_table
from benchmarks.tables.rows import keep, rows_table
from complaints.runtime.exit import exit_process
from local.supervisor.roles import StackError

MEASURED, NOT_MEASURED = 0, 1

begun = monotonic()


def main(arguments: list[str]) -> int:
    """Return the exit code: 0 unless something could not be measured, whatever the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--quick", action="store_true", help="only to see that it measures; its figures mean nothing")
    size = QUICK if parser.parse_args(arguments).quick else Size()
    try:
        rows = from_make_up(size, _tell)
        measured = asyncio.run(on_servers(size, _tell))
        _tell("replays")
        weights = asyncio.run(weigh(stories(), size.replays))
        rows = [*measured, *replays(weights), *rows, *accepting(size, _tell), *asyncio.run(redating(size, _tell))]
    except (NotMeasuredError, StackError, RPCError, SQLAlchemyError, TimeoutError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return NOT_MEASURED
    print(f"{facts()}. It took {(monotonic() - begun) / 60:.0f} minutes.")
    print(f"\n{rows_table(rows, has_dbos=HAS_DBOS)}\n\n{histories_table(weights)}")
    if size != QUICK:
        keep(rows)
    return MEASURED


def _tell(what: str) -> None:
    print(f"{monotonic() - begun:4.0f} s  {what}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    exit_process(main(sys.argv[1:]))
