"""Write N random closed complaints: `python -m benchmarks.corpus N`."""

import argparse
import sys
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import date
from functools import partial
from time import monotonic

from benchmarks.corpus.writer import Corpus, make
from complaints.environment import read_environment
from complaints.records.database import RecordError
from complaints.runtime.exit import exit_process
from complaints.settings import Settings

DONE, FAILED, BAD_INPUT = 0, 1, 2
A_PART = 500
PROCESSES = 2


def write_corpus(corpus: Corpus, processes: int = PROCESSES) -> None:
    """Write all complaints, by processes of their own. Raises RecordError."""
    begun = monotonic()
    parts = [range(first, min(first + A_PART, corpus.number)) for first in range(0, corpus.number, A_PART)]
    with ProcessPoolExecutor(processes) as pool:
        done = 0
        for made in as_completed([pool.submit(partial(make, corpus), part) for part in parts]):
            done += made.result()
            print(f"{monotonic() - begun:5.0f} s  {done:,} of {corpus.number:,}", file=sys.stderr, flush=True)


def main(arguments: list[str]) -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.corpus", description=__doc__)
    parser.add_argument("number", type=int, metavar="N", help="how many complaints")
    parser.add_argument("--from", type=date.fromisoformat, default=date(2026, 4, 1), dest="first", metavar="DATE")
    parser.add_argument("--to", type=date.fromisoformat, default=date(2027, 3, 31), dest="last", metavar="DATE")
    parser.add_argument("--prefix", default="R", help="what their references begin with")
    parser.add_argument("--open", action="store_true", help="they are open at the end of the last day")
    parser.add_argument("--processes", type=int, default=PROCESSES)
    given = parser.parse_args(arguments)
    url = Settings.read(read_environment()).database_url
    if url is None:
        print("COMPLAINTS_DATABASE_URL is not set", file=sys.stderr)
        return BAD_INPUT
    try:
        write_corpus(Corpus(url, given.prefix, given.first, given.last, given.number, given.open), given.processes)
    except RecordError as error:
        print(error, file=sys.stderr)
        return FAILED
    return DONE


if __name__ == "__main__":
    exit_process(main(sys.argv[1:]))
