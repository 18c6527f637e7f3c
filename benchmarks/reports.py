"""Measure time and memory of reports over many closed complaints.

Run as `python -m benchmarks.reports`.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import NamedTuple

from benchmarks.servers import NotMeasuredError
from benchmarks.tables.markdown import machine, markdown
from complaints.records.database import RecordError
from complaints.runtime.exit import exit_process
from local.ephemeral_stack import ephemeral_postgres
from local.servers.owner import upgrade_as_owner
from local.supervisor.roles import StackError

MEASURED, NOT_MEASURED = 0, 1
HEAD = ("closed complaints", "command", "seconds (least to most)", "of these its own processor", "most memory, MB")
SIZES = (1_000, 10_000, 100_000)
TRIES = 3
YEAR = ("--from", "2026-04-01", "--to", "2027-03-31")

COMMANDS = {
    "report annual": ("report", "annual", "--year", "2026", "--out"),
    "report timeliness": ("report", "timeliness", *YEAR, "--by", "month", "--chart"),
    "export (JSON Lines)": ("export", *YEAR, "--out"),
}


class Taken(NamedTuple):
    """Resources that one command took, from its start to its end."""

    seconds: float
    of_processor: float
    """Processor seconds of its process, without the database's."""
    megabytes: float
    """Peak memory of its process."""


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reports", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES, metavar="N", help="how many complaints each")
    rows: list[tuple[object, ...]] = []
    try:
        for size in parser.parse_args(arguments).sizes:
            with ephemeral_postgres() as url:
                upgrade_as_owner(url)
                rows += _measured(size, url)
    except (NotMeasuredError, StackError, RecordError) as error:
        print(f"Error: {error}", file=sys.stderr)
        return NOT_MEASURED
    print(f"{machine()}.\n")
    print(markdown(HEAD, rows))
    return MEASURED


def _measured(size: int, url: str) -> list[tuple[object, ...]]:
    environment = {**os.environ, "COMPLAINTS_DATABASE_URL": url}
    begun = perf_counter()
    _run([sys.executable, "-m", "benchmarks.corpus", str(size)], environment)
    rows: list[tuple[object, ...]] = [(f"{size:,}", "making them", f"{perf_counter() - begun:.0f}", "", "")]
    with tempfile.TemporaryDirectory() as folder:
        for name, command in COMMANDS.items():
            out = str(Path(folder) / "out")
            arguments = [sys.executable, "-m", "admin", *command, f"{out}.{len(rows)}"]
            rows.append((f"{size:,}", name, *_said([_run(arguments, environment) for _ in range(TRIES)])))
    return rows


def _run(command: list[str], environment: dict[str, str]) -> Taken:
    """Run a command and measure it. Raises NotMeasuredError."""
    begun = perf_counter()
    running = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)  # noqa: S603 - our own commands
    _, status, used = os.wait4(running.pid, 0)
    running.returncode = os.waitstatus_to_exitcode(status)
    if running.returncode != 0:
        raise NotMeasuredError(f"{' '.join(command)} ended with {running.returncode}")
    return Taken(perf_counter() - begun, used.ru_utime + used.ru_stime, used.ru_maxrss / 1_000)


def _said(taken: Sequence[Taken]) -> tuple[str, str, str]:
    least, most = min(taken), max(taken)
    busy = f"{median(each.of_processor for each in taken):.1f}"
    return f"{least.seconds:.1f} to {most.seconds:.1f}", busy, f"{max(each.megabytes for each in taken):.0f}"


if __name__ == "__main__":
    exit_process(main(sys.argv[1:]))
