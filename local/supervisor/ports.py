"""Ports of the loopback: finding a free one, and telling a taken one."""

import random
import socket

LOOPBACK = "127.0.0.1"
SERVERS = range(20_000, 32_000)
"""Below the ports from which Linux and macOS call: one of those may be taken by any connection at any moment."""


def free_port() -> int:
    """A port which nobody listens on at this moment; another program may take it before the caller does."""
    while not is_free(port := random.choice(SERVERS)):  # noqa: S311 (no secret)
        pass
    return port


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` of the loopback now."""
    with socket.socket() as probe:
        # As servers do: a port whose last connections are still fading away is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True
