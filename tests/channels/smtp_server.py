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
from tests.channels.faults import FaultQueue, Silence, wait_until_cancelled


@dataclass(frozen=True)
class ReceivedMessage:
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


class SmtpServer(FaultQueue):
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
        self.messages: list[ReceivedMessage] = []
        self.port = 0
        self._tls = tls
        self._implicit = implicit
        self._login = login
        self._knows_utf8 = knows_utf8
        self._server: asyncio.Server | None = None
        self._connections: list[_SmtpConnection] = []

    @property
    def url(self) -> str:
        """For COMPLAINTS_SMTP."""
        tls = "none" if self._tls is None else "implicit" if self._implicit else "starttls"
        login = "{}:{}@".format(*self._login) if self._login else ""
        return f"smtp://{login}{LOOPBACK}:{self.port}?tls={tls}"

    @property
    def connection_count(self) -> int:
        """How many there were."""
        return len(self._connections)

    @property
    def open_connection_count(self) -> int:
        """How many connections are not over."""
        return sum(line.transport is not None for line in self._connections)

    def by_message_id(self) -> dict[str, list[ReceivedMessage]]:
        """What a receiver that drops repeats would make of it: more than one of a kind is one letter, sent again."""
        found: dict[str, list[ReceivedMessage]] = defaultdict(list)
        for taken in self.messages:
            found[taken.message_id].append(taken)
        return dict(found)

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        listening = socket.create_server((LOOPBACK, self.port))
        self.port = listening.getsockname()[1]
        self._server = await loop.create_server(
            self._connect, sock=listening, ssl=self._tls if self._implicit else None
        )

    async def stop(self) -> None:
        """As a killed server does: whoever talks with it is cut off."""
        if self._server:
            self._server.close()
        for line in self._connections:
            line.cut()
        if self._server:
            await self._server.wait_closed()
        self._server = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    def _connect(self) -> "_SmtpConnection":
        starttls = None if self._implicit else self._tls
        with warnings.catch_warnings():
            # It does not know that TLS from the first byte is as safe.
            warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
            line = _SmtpConnection(
                self,
                hostname="mail.example.org",
                enable_SMTPUTF8=self._knows_utf8,
                tls_context=starttls,
                require_starttls=starttls is not None,
                auth_required=self._login is not None,
                auth_require_tls=not self._implicit,
                authenticator=self._authenticate,
            )
        self._connections.append(line)
        return line

    def _authenticate(self, _line: SMTP, _session: Session, _envelope: Envelope, _how: str, login: Any) -> AuthResult:
        assert isinstance(login, LoginPassword)
        return AuthResult(success=(login.login.decode(), login.password.decode()) == self._login, handled=False)

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's names)
        self, line: "_SmtpConnection", _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if fault := await self._apply_fault("mail", line):
            return fault
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, line: "_SmtpConnection", _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if fault := await self._apply_fault("rcpt", line):
            return fault
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, line: "_SmtpConnection", _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        taken = ReceivedMessage(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.content)
        fault = await self.next_fault("data")
        if isinstance(fault, str):
            return fault
        self.messages.append(taken)
        await line.apply_silence(fault)
        return "250 2.0.0 OK"

    async def handle_QUIT(self, line: "_SmtpConnection", _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        return await self._apply_fault("quit", line) or "221 Bye"

    async def _apply_fault(self, step: str, line: "_SmtpConnection") -> str | None:
        fault = await self.next_fault(step)
        await line.apply_silence(fault)
        return fault if isinstance(fault, str) else None


class _SmtpConnection(SMTP):
    """One connection."""

    def __init__(self, room: SmtpServer, **options: Any) -> None:
        super().__init__(room, loop=asyncio.get_running_loop(), **options)
        self._room = room
        self._greeted = False

    async def push(self, status: Any) -> None:
        if not self._greeted:
            self._greeted = True
            fault = await self._room.next_fault("greeting")
            await self.apply_silence(fault)
            status = fault if isinstance(fault, str) else status
        await super().push(status)

    async def apply_silence(self, fault: object) -> None:
        if fault is Silence.DROP:
            self.cut()
        if isinstance(fault, Silence):
            await wait_until_cancelled()

    def cut(self) -> None:
        for transport in (self.transport, self._original_transport):
            if isinstance(transport, asyncio.WriteTransport):
                transport.abort()
