"""The console of standard output: colours and wrapping on a terminal, plain lines in a pipe."""

import sys
from typing import Any

from rich.console import Console


class Output(Console):
    """Standard output. A word is never cut, and lines in a pipe are never wrapped."""

    is_paged = False
    """Whether a pager shows the output on the terminal."""

    @property
    def is_terminal(self) -> bool:
        return self.is_paged or (sys.stdout is not None and sys.stdout.isatty())

    def print(self, *objects: Any, **options: Any) -> None:
        plain = {"overflow": "ignore", "crop": False} if self.is_terminal else {"soft_wrap": True}
        super().print(*objects, **plain | options)

    def on_broken_pipe(self) -> None:
        if self.is_paged:
            raise BrokenPipeError
        super().on_broken_pipe()


out = Output(highlight=False, markup=False, emoji=False)
