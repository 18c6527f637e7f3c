"""End a process with its exit code."""

import os
import sys
from contextlib import suppress
from typing import NoReturn


def exit_process(code: int) -> NoReturn:
    """Flush traces and output, then end the process at once.

    A Temporal client can crash the interpreter while it shuts down, which would replace this exit code.
    """
    if tracing := sys.modules.get("complaints.temporal.tracing"):  # imported only where traces are sent
        tracing.flush()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # the reader of a pipe has gone
            stream.flush()
    os._exit(code)
