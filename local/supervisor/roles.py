"""The description of a process of the stack."""

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.supervisor.accounts import Account


class StackError(Exception):
    """The stack cannot be started or stopped; the message is for the person at the terminal."""


@dataclass(frozen=True)
class Role:
    """A process of the stack: how it is started, awaited and stopped."""

    name: str
    """Its name in the state file, in messages, and of its log."""
    command: Sequence[str]
    env: Mapping[str, str]
    """Its whole environment."""
    cwd: Path
    ready: Callable[[int], bool]
    """Returns whether the process of that id is ready."""
    prepare: Callable[[], None] = lambda: None
    """Called right before it is started. May raise StackError."""
    account: Account | None = None
    """The account it runs as; None is the caller's."""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_patience: float = 15.0
    """Seconds it is given to stop before it is killed."""
    waits_for_others: bool = False
    """Whether it waits for the others of its own accord; it is started first."""
    start_patience: float = 60.0
    """Seconds it is given to become ready."""
    ports: Mapping[int, str] = field(default_factory=dict)
    """Its loopback ports, each with the environment variable that sets it."""
