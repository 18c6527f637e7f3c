"""Run a process of ours with metrics that are refreshed every second, not every 15 to 120.

Run as `python -m incidents.quick_metrics worker` or `... intake KEY_FILE`.
"""

import sys
from pathlib import Path

from complaints.metrics import temporal_state
from complaints.runtime.exit import exit_process
from local.servers import keyed_intake, migrated_worker
from worker.observability import metrics, without_workflow

REFRESH_SECONDS = 1.0


def main(process: str, *arguments: str) -> int:
    """Return the exit code."""
    metrics.REFRESH_SECONDS = temporal_state.REFRESH_SECONDS = without_workflow.REFRESH_SECONDS = REFRESH_SECONDS
    return keyed_intake.main(Path(arguments[0])) if process == "intake" else migrated_worker.main()


if __name__ == "__main__":
    exit_process(main(*sys.argv[1:]))
