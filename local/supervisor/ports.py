"""Free ports of the loopback."""

import os
import random
import socket

LOOPBACK = "127.0.0.1"
SERVERS = range(20_000, 32_000)
"""Ports below those from which Linux and macOS connect, as a connection may take one at any moment."""

BLOCKED = (6669, 6668, 6667, 6666, 6665, 6697, 2049, 4045, 1719, 1720, 1723)
"""Ports to which no browser connects, of those that need no privilege (Fetch Standard, "port blocking")."""

PROCESSES = 16
"""Processes that look for ports at the same time mostly look among different ones."""

_returned: set[int] = set()


def free_port() -> int:
    """Return a free port, never one twice; another program may still take it."""
    ports = SERVERS[os.getpid() % PROCESSES :: PROCESSES]
    if _returned.issuperset(ports):
        _returned.clear()
    while (port := random.choice(ports)) in _returned or not is_free(port):  # noqa: S311 (no secret)
        pass
    _returned.add(port)
    return port


def blocked_port() -> int:
    """Return a free port of `BLOCKED`, or the first of them if none is free."""
    return next((port for port in random.sample(BLOCKED, len(BLOCKED)) if is_free(port)), BLOCKED[0])


def is_free(port: int) -> bool:
    """Return whether a server could listen on `port` now."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
