"""A stack: roles that run in one directory, started at once and stopped in reverse order.

`processes.json` in the directory lists what runs, with everything needed to stop it.
"""

import fcntl
import json
import signal
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from local.supervisor.accounts import remove_folder
from local.supervisor.ports import is_free
from local.supervisor.processes import Process, spawn, tail, wait_until
from local.supervisor.roles import Role, StackError


@dataclass(frozen=True)
class Entry:
    """One line of the state file."""

    name: str
    process: Process
    command: list[str]
    stop_signal: int
    stop_patience: float


class EndedEarlyError(StackError):
    """A process ended before it was ready, perhaps as another program took its port."""


@dataclass(frozen=True)
class Stack:
    """The processes that run, or ran, in `directory`."""

    directory: Path

    def start(self, roles: Sequence[Role], tell: Callable[[str], None] = lambda _: None) -> list[str]:
        """Start what is not running, all at once; return the names of what was started.

        `tell` is called for each as it starts.
        Raises StackError: a port is taken, a process ended or was not ready in time, or runs with other settings.
        """
        with self._locked():
            entries = {entry.name: entry for entry in self.entries() if entry.process.alive()}
            missing = [role for role in roles if role.name not in entries]
            for role in roles:
                if role not in missing and entries[role.name].command != list(role.command):
                    raise StackError(f"{role.name} runs with other settings; stop the stack first (make down)")
            for role in missing:
                for port, variable in role.ports.items():
                    _require_free(port, role.name, variable)
            for role in sorted(missing, key=lambda role: not role.waits_for_others):
                tell(role.name)
                entries[role.name] = self._spawn(role)
                self._write(_in_order(entries, roles))
            for role in roles:
                self._wait_for(role, entries[role.name].process)
            return [role.name for role in missing]

    def stop(self) -> list[str]:
        """Stop what runs, last started first; return the names of what was stopped."""
        with self._locked():
            running = [entry for entry in self.entries() if entry.process.alive()]
            for entry in reversed(running):
                entry.process.stop(signal.Signals(entry.stop_signal), entry.stop_patience)
            self._state.unlink(missing_ok=True)
            return [entry.name for entry in reversed(running)]

    def erase(self) -> None:
        """Stop what runs, and remove the directory with all its data."""
        self.stop()
        remove_folder(self.directory)

    def entries(self) -> list[Entry]:
        """Return what was started and not stopped since, dead or alive, in the order of starting."""
        if not self._state.exists():
            return []
        lines = json.loads(self._state.read_text())
        return [Entry(**{**line, "process": Process(**line["process"])}) for line in lines]

    def log(self, name: str) -> Path:
        """Return the path of a process's log."""
        return self.directory / "logs" / f"{name}.log"

    @property
    def _state(self) -> Path:
        return self.directory / "processes.json"

    def _spawn(self, role: Role) -> Entry:
        role.prepare()
        self.log(role.name).parent.mkdir(mode=0o700, exist_ok=True)
        process = spawn(role.command, env=role.env, cwd=role.cwd, log=self.log(role.name), account=role.account)
        return Entry(role.name, process, list(role.command), role.stop_signal, role.stop_patience)

    def _wait_for(self, role: Role, process: Process) -> None:
        wait_until(lambda: not process.alive() or role.ready(process.pid), role.start_patience)
        said = tail(self.log(role.name))
        if not process.alive():
            raise EndedEarlyError(f"{role.name} ended before it was ready. It said:\n{said}")
        if not role.ready(process.pid):
            raise StackError(f"{role.name} was not ready after {role.start_patience:.0f} seconds. It said:\n{said}")

    def _write(self, entries: Sequence[Entry]) -> None:
        growing = self._state.with_suffix(".new")
        growing.write_text(json.dumps([asdict(entry) for entry in entries], indent=2))
        growing.replace(self._state)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """Lock the directory: two callers at once would each start the whole stack."""
        with (self.directory / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _in_order(entries: Mapping[str, Entry], roles: Sequence[Role]) -> list[Entry]:
    """Order what runs; processes not among `roles` come first, to be stopped last."""
    names = [role.name for role in roles if role.name in entries]
    return [entries[name] for name in [*(other for other in entries if other not in names), *names]]


def _require_free(port: int, name: str, variable: str) -> None:
    # A process which was killed a moment ago may still hold its port.
    if not wait_until(lambda: is_free(port), patience=2.0):
        raise StackError(f"port {port} for {name} is taken by another program; set {variable} to a free one")
