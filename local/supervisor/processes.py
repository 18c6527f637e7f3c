"""Processes that outlive the one that starts them.

A process is identified by its id and its creation time, as ids are reused. A zombie counts as dead.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from local.supervisor.accounts import Account

_CLOCK_ERROR = 1.0
"""Seconds by which two readings of one process's creation time may differ."""

_children: dict[int, subprocess.Popen[bytes]] = {}
"""Processes started by this one, by id: kept so that they can be reaped."""


@dataclass(frozen=True)
class Process:
    """A process: its id, and its creation time in seconds since 1970."""

    pid: int
    created: float

    def alive(self) -> bool:
        return self._running() is not None

    def stop(self, stop_signal: signal.Signals, patience: float) -> None:
        """Send `stop_signal`, wait up to `patience` seconds, then kill."""
        for asked in (stop_signal, signal.SIGKILL):
            if (running := self._running()) is None:
                return
            with suppress(psutil.NoSuchProcess):
                running.send_signal(asked)
            if wait_until(lambda: not self.alive(), patience):
                return
        raise TimeoutError(f"process {self.pid} does not end, not even when it is killed")

    def _running(self) -> psutil.Process | None:
        if (child := _children.get(self.pid)) is not None and child.poll() is not None:
            del _children[self.pid]
        try:
            found = psutil.Process(self.pid)
            same = abs(found.create_time() - self.created) <= _CLOCK_ERROR
            return found if same and found.status() != psutil.STATUS_ZOMBIE else None
        except psutil.NoSuchProcess:
            return None


def spawn(
    command: Sequence[str], *, env: Mapping[str, str], cwd: Path, log: Path, account: Account | None = None
) -> Process:
    """Start `command` in a session of its own, so that a closing terminal does not end it.

    `env` is its whole environment; `account` None means the caller's; `log` receives its output, and is
    readable by its account only.
    """
    with log.open("ab") as output:
        child = subprocess.Popen(
            command,
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            umask=0o077,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
    _children[child.pid] = child
    return Process(child.pid, psutil.Process(child.pid).create_time())


def take_away_the_dead() -> None:
    """Reap the processes that this one started and another one stopped."""
    for pid in [pid for pid, child in _children.items() if child.poll() is not None]:
        del _children[pid]


def working_in(folder: Path) -> list[int]:
    """Return the ids of living processes whose working directory is `folder`."""
    found: list[int] = []
    for process in psutil.process_iter():
        with suppress(psutil.Error, OSError):
            if process.cwd() == os.fspath(folder) and process.status() != psutil.STATUS_ZOMBIE:
                found.append(process.pid)
    return found


def wait_until(condition: Callable[[], bool], patience: float) -> bool:
    """Wait up to `patience` seconds until `condition` is true, checking 50 times a second."""
    deadline = time.monotonic() + patience
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def tail(log: Path, lines: int = 20) -> str:
    """Return the last `lines` lines of a log; an empty string if there is no log."""
    if not log.exists():
        return ""
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
