"""Run `complaints`, the staff command line."""

import os
import sys
from typing import Any

from admin.shared.errors import Exit
from complaints.runtime.exit import exit_process


def run(arguments: list[str], *, is_light: bool = False) -> Exit:
    """Run one command and return its exit code.

    `is_light`: change Typer in this process, so that it starts sooner.
    """
    try:
        if is_light:
            from admin.light_typer import lighten

            lighten()
        from admin import app

        return app.run(arguments)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return Exit.FAILED


def main() -> None:
    _make_streams_safe()
    exit_process(run(sys.argv[1:], is_light=True))


def _make_streams_safe() -> None:
    """Discard output to a closed stream; escape characters that a stream cannot show."""
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123 (open until the process ends)
        else:
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    main()
