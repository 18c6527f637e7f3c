"""Migrate the database, then run the worker, in one process (it starts sooner than two).

It starts while the servers start, and waits for them once its modules are imported.
"""

import sys

from complaints.runtime.exit import exit_process
from complaints.runtime.imports import without_garbage_collection

with without_garbage_collection():
    import worker.commands  # noqa: F401 - `worker.__main__` imports it later than this process needs it
    from complaints.environment import read_environment
    from complaints.policies.loader import load_policy
    from complaints.records.database import RecordError
    from complaints.settings import Settings
    from local.servers.owner import upgrade_as_owner, upgrade_keys_as_owner
    from local.servers.sample_directory import enter_sample_directory
    from local.servers.temporal_wait import SERVERS_TIMEOUT_SECONDS, wait_for_temporal
    from worker.__main__ import main as work


def main() -> int:
    """Return the exit code."""
    environment = read_environment()
    settings = Settings.read(environment)
    try:
        # First, because the intake service waits for the record's tables only.
        upgrade_keys_as_owner(settings.keys_url or "", timeout_seconds=SERVERS_TIMEOUT_SECONDS)
        upgrade_as_owner(settings.database_url or "", timeout_seconds=SERVERS_TIMEOUT_SECONDS, stopped=True)
        enter_sample_directory(settings.database_url or "", load_policy())
    except RecordError as error:
        print(f"the database could not be made ready: {error}", file=sys.stderr)
        return 1
    wait_for_temporal(environment["TEMPORAL_ADDRESS"])
    return work(["run"])


if __name__ == "__main__":
    exit_process(main())
