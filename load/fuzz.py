"""`make fuzz`: thousands of requests made from the service's own description; one that it cannot answer ends it."""

import argparse
import sys
import tempfile
from pathlib import Path

import httpx2
from schemathesis.core.failures import FailureGroup

from complaints.settings import Settings
from load.generated_requests import Fuzz
from local.ephemeral_stack import ephemeral_stack
from tests.admin.cli_runner import form
from tests.starter.product import product

AT_A_TIME = 50
"""Requests of a kind, before those of the next."""


def main(arguments: list[str]) -> int:
    """The exit code."""
    parser = argparse.ArgumentParser(prog="python -m load.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0, help="another one makes other requests")
    given = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="complaints-fuzz-") as folder,
        ephemeral_stack() as servers,
        product(servers, Path(folder), Settings().task_queue) as running,
    ):
        known = form(reference="KNOWN-1")
        headers = {"Authorization": f"Bearer {running.key}"}
        httpx2.post(f"{running.url}/complaints", json=known, headers=headers).raise_for_status()
        fuzz = Fuzz(running.url, running.key, "KNOWN-1")
        try:
            fuzz.run(given.requests, AT_A_TIME, given.seed)
        except FailureGroup as found:
            print(*found.exceptions, sep="\n", file=sys.stderr)
            return 1
        finally:
            print(f"{fuzz.answers.total():,} requests, seed {given.seed}; answers by status:")
            print(", ".join(f"{status}: {times:,}" for status, times in sorted(fuzz.answers.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
