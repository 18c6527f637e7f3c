"""`complaints`: the staff's script."""

import os
import sys
from typing import Any

from admin.shared.errors import Exit
from complaints.runtime.exit import end


def run(arguments: list[str]) -> Exit:
    """Do one command."""
    try:
        from admin import app

        return app.run(arguments)
    except KeyboardInterrupt:
        print("stopped", file=sys.stderr)
        return Exit.FAILED


def main() -> None:
    _make_streams_safe()
    end(run(sys.argv[1:]))


def _make_streams_safe() -> None:
    """A closed stream takes nothing; one that cannot show a character shows its escape."""
    for name in ("stdout", "stderr"):
        stream: Any = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "w"))  # noqa: SIM115, PTH123 (until the end)
        else:
            stream.reconfigure(errors="backslashreplace")


if __name__ == "__main__":
    main()
