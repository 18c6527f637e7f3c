"""The console of standard output: colours and wrapping on a terminal, plain lines in a pipe."""

import re
import sys
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

_WORD = re.compile(r"(\s*)(\S+)")


class Output(Console):
    """Standard output. A word is never cut, and lines in a pipe are never wrapped."""

    is_paged = False
    """Whether a pager shows the output on the terminal."""

    @property
    def is_terminal(self) -> bool:
        return self.is_paged or (sys.stdout is not None and sys.stdout.isatty())

    def print(self, *objects: Any, **options: Any) -> None:
        if not self.is_terminal:
            super().print(*objects, **{"soft_wrap": True} | options)
        elif len(objects) == 1 and isinstance(objects[0], str | Text) and not options.get("soft_wrap"):
            for line in wrap(Text(objects[0]) if isinstance(objects[0], str) else objects[0], self.width):
                super().print(line, **options, soft_wrap=True)
        else:
            super().print(*objects, **options)

    def on_broken_pipe(self) -> None:
        if self.is_paged:
            raise BrokenPipeError
        super().on_broken_pipe()


def wrap(text: Text, width: int) -> list[Text]:
    """Split a text into lines between words. A word that is longer than the width stays whole."""
    lines: list[Text] = []
    for line in text.split("\n", allow_blank=True):
        offsets, column = [], 0
        for word in _WORD.finditer(line.plain):
            spaces, letters = map(cell_len, word.groups())
            if column and column + spaces + letters > width:
                offsets.append(word.start(2))
                column = letters
            else:
                column += spaces + letters
        for part in line.divide(offsets):
            part.rstrip()
            lines.append(part)
    return lines


out = Output(highlight=False, markup=False, emoji=False)
