"""`make fuzz`: send thousands of generated requests; stop at the first wrong answer."""

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

import httpx2
from schemathesis.core.failures import FailureGroup

from admin.shared.login_name import login_name
from complaints.settings import Settings
from load.generated_requests import RequestFuzzer
from local.ephemeral_stack import ephemeral_stack
from tests.admin.cli_runner import form
from tests.starter.product import product

REQUESTS_PER_KIND = 10
"""Before those of the next kind."""
STAFF = ("m.okafor", "lead.manager")
"""Members of the sample directory who call besides its administrator: a manager, and who leads them."""


def main(arguments: list[str]) -> int:
    """Fuzz the service of an ephemeral stack; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m load.fuzz", description=__doc__)
    parser.add_argument("--requests", type=int, default=20_000, help="the number of requests")
    parser.add_argument("--seed", type=int, default=0, help="the seed of the requests")
    options = parser.parse_args(arguments)
    with (
        tempfile.TemporaryDirectory(prefix="complaints-fuzz-") as folder,
        ephemeral_stack() as servers,
        product(servers, Path(folder), Settings().task_queue) as running,
    ):
        existing = form(reference="EXISTING-1")
        headers = {"Authorization": f"Bearer {running.key}"}
        httpx2.post(f"{running.url}/complaints", json=existing, headers=headers).raise_for_status()
        staff = [partial(running.issuer.access_token, each) for each in (str(login_name()), *STAFF)]
        fuzzer = RequestFuzzer(running.url, running.key, "EXISTING-1", staff)
        try:
            fuzzer.run(options.requests, REQUESTS_PER_KIND, options.seed)
        except FailureGroup as failures:
            print(*failures.exceptions, sep="\n", file=sys.stderr)
            return 1
        finally:
            print(f"{fuzzer.answers.total():,} requests, seed {options.seed}; answers by status:")
            print(", ".join(f"{status}: {times:,}" for status, times in sorted(fuzzer.answers.items())))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
