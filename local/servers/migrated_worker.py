"""Migrate the database, then run the worker, in one process (it starts sooner than two)."""

import sys

from complaints.policies.loader import load_policy
from complaints.records.database import RecordError
from complaints.records.migrate import STARTUP_TIMEOUT_SECONDS
from complaints.runtime.exit import exit_process
from complaints.settings import Settings, read_environment
from local.servers.owner import upgrade_as_owner
from local.servers.sample_directory import enter_sample_directory
from worker.__main__ import main as work


def main() -> int:
    """Return the exit code."""
    settings = Settings.read(read_environment())
    try:
        upgrade_as_owner(settings.database_url or "", timeout_seconds=STARTUP_TIMEOUT_SECONDS, stopped=True)
        enter_sample_directory(settings.database_url or "", load_policy())
    except RecordError as error:
        print(f"the database could not be made ready: {error}", file=sys.stderr)
        return 1
    return work(["run"])


if __name__ == "__main__":
    exit_process(main())
