"""Run the intake service: `python -m starter`."""

from complaints.runtime.exit import exit_process
from complaints.runtime.imports import without_garbage_collection


def main() -> int:
    """Run the service and return the exit code."""
    with without_garbage_collection():
        from starter.command import run_service
    return run_service()


if __name__ == "__main__":
    exit_process(main())
