"""Run the console script in a pseudo-terminal of a given width."""

import asyncio
import fcntl
import os
import pty
import re
import struct
import subprocess
import sysconfig
import termios
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

SCRIPT = Path(sysconfig.get_path("scripts")) / "complaints"
COLUMNS, ROWS = 80, 1_000
TIMEOUT_SECONDS = 120
_STYLE = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")


@dataclass(frozen=True)
class Screen:
    """What a command printed, without colours, and its exit code."""

    code: int
    text: str

    @property
    def lines(self) -> list[str]:
        return [line.rstrip() for line in self.text.splitlines()]


async def on_terminal(
    *arguments: str, columns: int = COLUMNS, keys: str = "", environment: Mapping[str, str] | None = None
) -> Screen:
    """Run a command on a terminal, type `keys`, and wait for its end."""
    return await asyncio.to_thread(_run, arguments, columns, keys, environment or {})


def _run(arguments: tuple[str, ...], columns: int, keys: str, more: Mapping[str, str]) -> Screen:
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, columns, 0, 0))
    environment = {**os.environ, "TERM": "xterm", **more}
    environment.pop("COLUMNS", None)
    process = subprocess.Popen(  # noqa: S603
        [SCRIPT, *arguments], stdin=theirs, stdout=theirs, stderr=theirs, env=environment, start_new_session=True
    )
    os.close(theirs)
    os.write(ours, keys.encode())
    printed = b""
    while chunk := _read(ours):
        printed += chunk
    os.close(ours)
    text = _STYLE.sub("", printed.decode()).replace("\r\n", "\n")
    return Screen(process.wait(TIMEOUT_SECONDS), text)


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux: the other side is closed
        return b""
