"""HTTP/1.1 connections: a deadline for what the client owes, and a limit on their number.

uvicorn has a timeout only for idle connections, and stops it at the first byte.
"""

import asyncio
import re
import resource
from enum import Enum
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

REQUEST_HEAD_TIMEOUT_SECONDS = 10.0
"""From the connection, or the first byte of a later request, to the end of the request's head."""
KEEP_ALIVE_SECONDS = 75.0
"""Longer than most proxies and clients keep an idle connection (60 s or less), so that they close it first."""
READ_ANSWER_TIMEOUT_SECONDS = 30.0
"""For a client to take the next `MIN_PART_BYTES` of an answer, or its rest."""
MIN_PART_BYTES = 100_000
MAX_HEAD_BYTES = 16 * 1024
MAX_HEADERS = 100
MAX_CONNECTIONS = 1_000
VERSIONS = (b"1.0", b"1.1")
_FOLD = re.compile(rb"\n[ \t]")
_END_OF_HEAD = re.compile(rb"\n\r?\n")


class Wait(Enum):
    """What the server waits for on a connection, unless a request is in progress."""

    IDLE = "the next request"
    REQUEST = "the rest of a request"
    READING = "the client to read its answer"
    CLOSING = "the client to read its last answer"


def max_connections() -> int:
    """Return the most connections of a process: half of the files that it may open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MAX_CONNECTIONS if soft == resource.RLIM_INFINITY else min(MAX_CONNECTIONS, soft // 2)


class StrictConnection(h11.Connection):
    """Refuse what a proxy in front could read otherwise, and heads that are too large.

    h11 itself refuses lengths that differ, names and values with other characters, and any transfer coding but
    `chunked`. It limits only a head that arrives in several parts.
    """

    def next_event(self) -> Any:
        if self.their_state is h11.IDLE and _is_folded(self.trailing_data[0]):
            raise h11.RemoteProtocolError("a header goes on in the next line")
        event = super().next_event()
        if isinstance(event, h11.Request):
            _check(event)
        return event


def _is_folded(data: bytes) -> bool:
    """Return whether a line of the request's head begins with white space."""
    fold, end = _FOLD.search(data), _END_OF_HEAD.search(data)
    return fold is not None and (end is None or fold.start() < end.start())


def _check(request: h11.Request) -> None:
    names = [name for name, _ in request.headers]
    if request.http_version not in VERSIONS:
        raise h11.RemoteProtocolError("unknown version")
    if b"transfer-encoding" in names and (b"content-length" in names or request.http_version == b"1.0"):
        raise h11.RemoteProtocolError("the body's length is ambiguous")
    size = len(request.target) + sum(len(name) + len(value) for name, value in request.headers)
    if len(names) > MAX_HEADERS or size > MAX_HEAD_BYTES:
        raise h11.RemoteProtocolError("the head is too large")


class Protocol(H11Protocol):
    """One connection. It has a deadline, unless a request is in progress."""

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        self.conn = StrictConnection(h11.SERVER, MAX_HEAD_BYTES)
        self.waits_since = self.loop.time()
        self._wait: Wait | None = None
        self._unsent = 0
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()
        self._make_room()

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._set(None)

    def handle_events(self) -> None:
        super().handle_events()
        self._watch()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._watch()

    def pause_writing(self) -> None:
        super().pause_writing()
        self._watch()

    def resume_writing(self) -> None:
        super().resume_writing()
        self._watch()

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, and close.

        A request in progress whose body goes wrong ends as if it were cut off.
        """
        if self._in_progress:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            super().send_400_response(msg)
        else:
            self.transport.close()

    @property
    def is_waiting(self) -> bool:
        """Whether the connection may be closed without cutting a request off."""
        return self._wait in (Wait.IDLE, Wait.REQUEST)

    def end(self) -> None:
        """Close the connection, and forget it at once."""
        self.connections.discard(self)
        self.transport.close()
        self._watch()

    @property
    def _in_progress(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _watch(self) -> None:
        """Give the connection the deadline of what the server waits for now."""
        if self.transport.is_closing():
            self._set(Wait.CLOSING)
        elif self.flow.write_paused:
            self._set(Wait.READING)
        elif self._in_progress:
            self._set(None)
        elif self.cycle is None or self.conn.their_state is not h11.IDLE or self.conn.trailing_data[0]:
            self._set(Wait.REQUEST)
        else:
            self._set(Wait.IDLE)

    def _set(self, wait: Wait | None) -> None:
        if wait is self._wait:
            return
        if self._deadline:
            self._deadline.cancel()
        self._wait, self.waits_since = wait, self.loop.time()
        self._unsent = self.transport.get_write_buffer_size()
        self._deadline = self.loop.call_later(_seconds(wait), self._expire) if wait else None

    def _expire(self) -> None:
        wait, before = self._wait, self._unsent
        if self.is_waiting:
            self.end()
        elif before - self.transport.get_write_buffer_size() < MIN_PART_BYTES:
            self.transport.abort()
        else:
            self._set(None)
            self._set(wait)

    def _make_room(self) -> None:
        """Where there are too many connections, close the one that has waited longest."""
        if len(self.connections) > max_connections():
            waiting = [each for each in self.connections if isinstance(each, Protocol) and each.is_waiting]
            min(waiting, key=lambda each: each.waits_since).end()


def _seconds(wait: Wait) -> float:
    of_requests = {Wait.IDLE: KEEP_ALIVE_SECONDS, Wait.REQUEST: REQUEST_HEAD_TIMEOUT_SECONDS}
    return of_requests.get(wait, READ_ANSWER_TIMEOUT_SECONDS)
