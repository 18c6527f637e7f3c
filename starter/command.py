"""The command `python -m starter`."""

from complaints.runtime.process import run_process
from complaints.settings import IntakeSettings
from starter.run import run


def run_service() -> int:
    """Run the service and return the exit code."""
    return run_process(IntakeSettings, run)
