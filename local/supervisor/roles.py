"""What a process of the stack is: a role is a value, so that one more process is one more entry in a list."""

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from local.supervisor.accounts import Account


class StackError(Exception):
    """The stack cannot be started or stopped; the message is for the person at the terminal."""


@dataclass(frozen=True)
class Role:
    """One process of the stack, and how it is started, awaited and stopped."""

    name: str
    """Its name in the state file, of its log and in messages."""
    command: Sequence[str]
    env: Mapping[str, str]
    """Its whole environment."""
    cwd: Path
    ready: Callable[[int], bool]
    """Whether the process of that number does its work now."""
    prepare: Callable[[], None] = lambda: None
    """What is done right before it is started. May raise StackError."""
    account: Account | None = None
    """Whom it runs as; None is whoever starts the stack."""
    stop_signal: signal.Signals = signal.SIGTERM
    stop_patience: float = 15.0
    """Seconds it is given to stop by itself."""
    needs_those_before: bool = False
    """Whether those before it in the list must be ready before it is started."""
    start_patience: float = 30.0
    """Seconds it is given to become ready."""
    ports: Mapping[int, str] = field(default_factory=dict)
    """The ports of the loopback it listens on, each with the environment variable which moves it."""
