"""How a command ends: what it has to say is said first."""

import os
import sys
from contextlib import suppress
from typing import NoReturn


def end(code: int) -> NoReturn:
    """Ends the process at once: a Temporal client may crash the interpreter's exit, and would replace this code."""
    if tracing := sys.modules.get("complaints.temporal.tracing"):  # loaded only where traces are wanted
        tracing.flush()
    for stream in (sys.stdout, sys.stderr):
        with suppress(OSError):  # whoever read it has gone
            stream.flush()
    os._exit(code)
