"""A real SMTP server in this process, on the loopback, which keeps what it takes and misbehaves as it is told.

    async with MailRoom() as room:                      # COMPLAINTS_SMTP is room.url
        room.misbehave("rcpt", "451 4.3.2 later", times=2)
        room.misbehave("data", Silent.DROP, times=1)    # takes the message, and hangs up before it says so
        room.misbehave("data", 5.0)                     # takes five seconds for each
        await room.die(); await room.come_back()        # at the same port
        room.taken, room.by_message_id()

Steps: greeting, mail, rcpt, data (its text has come, and is kept unless the answer is a refusal), quit.
"""

import asyncio
import socket
import ssl
import warnings
from collections import defaultdict
from dataclasses import dataclass
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any, Self

from aiosmtpd.smtp import SMTP, AuthResult, Envelope, LoginPassword, Session

from local.supervisor.ports import LOOPBACK
from tests.channels.faults import Faults, Silent, for_ever


@dataclass(frozen=True)
class Taken:
    """One message, and whom its envelope named."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.raw, policy=policy.default)

    @property
    def message_id(self) -> str:
        return str(self.message["Message-ID"])

    def text(self, kind: str = "plain") -> str:
        part = self.message.get_body((kind,))
        assert part is not None
        return str(part.get_content()).replace("\r\n", "\n")


class MailRoom(Faults):
    """With `tls` it offers STARTTLS, or speaks TLS from the first byte if `implicit`; with `login` it lets nobody else
    send."""

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        login: tuple[str, str] | None = None,
        knows_utf8: bool = True,
    ) -> None:
        super().__init__()
        self.taken: list[Taken] = []
        self.port = 0
        self._tls = tls
        self._implicit = implicit
        self._login = login
        self._knows_utf8 = knows_utf8
        self._server: asyncio.Server | None = None
        self._lines: list[_Line] = []

    @property
    def url(self) -> str:
        """For COMPLAINTS_SMTP."""
        tls = "none" if self._tls is None else "implicit" if self._implicit else "starttls"
        login = "{}:{}@".format(*self._login) if self._login else ""
        return f"smtp://{login}{LOOPBACK}:{self.port}?tls={tls}"

    @property
    def connections(self) -> int:
        """How many there were."""
        return len(self._lines)

    @property
    def lines_open(self) -> int:
        """How many connections are not over."""
        return sum(line.transport is not None for line in self._lines)

    def by_message_id(self) -> dict[str, list[Taken]]:
        """What a receiver that drops repeats would make of it: more than one of a kind is one letter, sent again."""
        found: dict[str, list[Taken]] = defaultdict(list)
        for taken in self.taken:
            found[taken.message_id].append(taken)
        return dict(found)

    async def come_back(self) -> None:
        loop = asyncio.get_running_loop()
        listening = socket.create_server((LOOPBACK, self.port))
        self.port = listening.getsockname()[1]
        self._server = await loop.create_server(self._line, sock=listening, ssl=self._tls if self._implicit else None)

    async def die(self) -> None:
        """As a killed server does: whoever talks with it is cut off."""
        if self._server:
            self._server.close()
        for line in self._lines:
            line.cut()
        if self._server:
            await self._server.wait_closed()
        self._server = None

    async def __aenter__(self) -> Self:
        await self.come_back()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.die()

    def _line(self) -> "_Line":
        starttls = None if self._implicit else self._tls
        with warnings.catch_warnings():
            # It does not know that TLS from the first byte is as safe.
            warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
            line = _Line(
                self,
                hostname="mail.example.org",
                enable_SMTPUTF8=self._knows_utf8,
                tls_context=starttls,
                require_starttls=starttls is not None,
                auth_required=self._login is not None,
                auth_require_tls=not self._implicit,
                authenticator=self._may_enter,
            )
        self._lines.append(line)
        return line

    def _may_enter(self, _line: SMTP, _session: Session, _envelope: Envelope, _how: str, login: Any) -> AuthResult:
        assert isinstance(login, LoginPassword)
        return AuthResult(success=(login.login.decode(), login.password.decode()) == self._login, handled=False)

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's names)
        self, line: "_Line", _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if fault := await self._misbehaves("mail", line):
            return fault
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, line: "_Line", _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if fault := await self._misbehaves("rcpt", line):
            return fault
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, line: "_Line", _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        taken = Taken(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.content)
        fault = await self.next("data")
        if isinstance(fault, str):
            return fault
        self.taken.append(taken)
        await line.fall_silent(fault)
        return "250 2.0.0 OK"

    async def handle_QUIT(self, line: "_Line", _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        return await self._misbehaves("quit", line) or "221 Bye"

    async def _misbehaves(self, step: str, line: "_Line") -> str | None:
        fault = await self.next(step)
        await line.fall_silent(fault)
        return fault if isinstance(fault, str) else None


class _Line(SMTP):
    """One connection."""

    def __init__(self, room: MailRoom, **options: Any) -> None:
        super().__init__(room, loop=asyncio.get_running_loop(), **options)
        self._room = room
        self._greeted = False

    async def push(self, status: Any) -> None:
        if not self._greeted:
            self._greeted = True
            fault = await self._room.next("greeting")
            await self.fall_silent(fault)
            status = fault if isinstance(fault, str) else status
        await super().push(status)

    async def fall_silent(self, fault: object) -> None:
        if fault is Silent.DROP:
            self.cut()
        if isinstance(fault, Silent):
            await for_ever()

    def cut(self) -> None:
        for transport in (self.transport, self._original_transport):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
