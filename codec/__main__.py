"""Run the codec server: `python -m codec`."""

from complaints.runtime.exit import exit_process
from complaints.runtime.imports import without_garbage_collection


def main() -> int:
    """Run the server and return the exit code."""
    with without_garbage_collection():
        from codec.run import run
        from complaints.runtime.process import run_process
        from complaints.settings import CodecSettings
    return run_process(CodecSettings, run)


if __name__ == "__main__":
    exit_process(main())
