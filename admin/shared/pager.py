"""Show long output in a pager on a terminal, as git does."""

import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from admin.shared.console import out

DEFAULT = "less -FRX"
"""Shows colours, and ends at once where all fits on the screen."""
PAGER, LESS = "PAGER", "LESS"


class _Choice:
    is_off = False


def turn_off() -> None:
    """Print without a pager, whatever PAGER says."""
    _Choice.is_off = True


def is_off() -> bool:
    return _Choice.is_off


@contextmanager
def pager() -> Iterator[None]:
    """Send standard output through the pager of PAGER for the length of a `with` block.

    Without a terminal, without a pager, or with PAGER empty or `cat`, nothing changes.
    """
    command = None if is_off() or not out.is_terminal or out.is_paged else _command()
    if command is None:
        yield
        return
    width, terminal = out.width, sys.stdout
    environment = {LESS: DEFAULT.partition(" -")[2], **os.environ}  # noqa: TID251 - for the pager
    process = subprocess.Popen(command, stdin=subprocess.PIPE, text=True, encoding="utf-8", env=environment)  # noqa: S603
    assert process.stdin
    out.is_paged, sys.stdout = True, process.stdin
    out.width = width
    try:
        yield
    except BrokenPipeError:  # its reader has seen enough
        pass
    finally:
        out.is_paged, sys.stdout = False, terminal
        with suppress(BrokenPipeError):
            process.stdin.close()
        _wait(process)


def _command() -> list[str] | None:
    """Return the pager's command line; None: there is none, or it is not installed."""
    try:
        command = shlex.split(os.environ.get(PAGER, DEFAULT))  # noqa: TID251 - each program with a pager reads it
    except ValueError:
        return None
    return command if command and command != ["cat"] and shutil.which(command[0]) else None


def _wait(process: "subprocess.Popen[str]") -> None:
    """Wait until the reader ends the pager; Ctrl-C is the pager's."""
    while True:
        with suppress(KeyboardInterrupt):
            process.wait()
            return
