"""Ask on a terminal before a command does something."""

import sys
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from admin.shared.errors import CommandError, Exit
from admin.shared.output import printable


def screen() -> Console:
    """Return standard error, where questions are asked: standard output is for the answer."""
    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def stdin_is_terminal() -> bool:
    """Return whether somebody can be asked."""
    return sys.stdin is not None and sys.stdin.isatty()


def ask(lines: Iterable[str] = ()) -> bool:
    """Show the lines, and return whether the answer is yes."""
    console = screen()
    for line in lines:
        console.print(Text(printable(line)))
    console.print("Go on? [y/N] ", end="")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def nothing_done() -> CommandError:
    """Make the error of a command that was not confirmed."""
    return CommandError(Exit.FAILED, "nothing has been sent or recorded")
