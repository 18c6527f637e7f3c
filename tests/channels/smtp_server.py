"""An SMTP server in this process that keeps received messages and shows injected faults.

Steps for faults: greeting, mail, rcpt, data, quit. At "data", a message is kept unless the answer is a refusal.

    async with SmtpServer() as smtp_server:
        smtp_server.inject("rcpt", "451 4.3.2 later", times=2)
        smtp_server.inject("data", Silence.DROP, times=1)

        smtp_server.inject("data", 5.0)
        await smtp_server.stop(); await smtp_server.start()

        smtp_server.messages, smtp_server.by_message_id()
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

from complaints.channels.smtp import SmtpChannel
from complaints.channels.smtp_settings import SmtpAddress
from local.supervisor.ports import LOOPBACK
from tests.channels.faults import FaultQueue, Silence, wait_until_cancelled


@dataclass(frozen=True)
class ReceivedMessage:
    """A message and its envelope."""

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
    """An SMTP server on the loopback.

    `tls` offers STARTTLS, or TLS from the first byte if `implicit`. `login` requires it before mail.
    """

    def __init__(
        self,
        *,
        tls: ssl.SSLContext | None = None,
        implicit: bool = False,
        login: tuple[str, str] | None = None,
        supports_utf8: bool = True,
    ) -> None:
        super().__init__()
        self.messages: list[ReceivedMessage] = []
        self.port = 0
        self._tls = tls
        self._implicit = implicit
        self._login = login
        self._supports_utf8 = supports_utf8
        self._server: asyncio.Server | None = None
        self._connections: list[_SmtpConnection] = []

    @property
    def url(self) -> str:
        """The value of COMPLAINTS_SMTP."""
        tls = "none" if self._tls is None else "implicit" if self._implicit else "starttls"
        login = "{}:{}@".format(*self._login) if self._login else ""
        return f"smtp://{login}{LOOPBACK}:{self.port}?tls={tls}"

    @property
    def connection_count(self) -> int:
        """The number of connections since the server was created."""
        return len(self._connections)

    @property
    def open_connection_count(self) -> int:
        """The number of open connections."""
        return sum(connection.transport is not None for connection in self._connections)

    def by_message_id(self) -> dict[str, list[ReceivedMessage]]:
        """Group the messages by Message-ID; more than one of an id is one letter sent again."""
        messages: dict[str, list[ReceivedMessage]] = defaultdict(list)
        for message in self.messages:
            messages[message.message_id].append(message)
        return dict(messages)

    async def start(self) -> None:
        loop = asyncio.get_running_loop()
        listening = socket.create_server((LOOPBACK, self.port))
        self.port = listening.getsockname()[1]
        self._server = await loop.create_server(
            self._connect, sock=listening, ssl=self._tls if self._implicit else None
        )

    async def stop(self) -> None:
        """Cut off every connection, as a killed server does."""
        if self._server:
            self._server.close()
        for connection in self._connections:
            connection.cut()
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
            # aiosmtpd does not know that TLS from the first byte is as safe.
            warnings.filterwarnings("ignore", message="Requiring AUTH while not requiring TLS")
            connection = _SmtpConnection(
                self,
                hostname="mail.example.org",
                enable_SMTPUTF8=self._supports_utf8,
                tls_context=starttls,
                require_starttls=starttls is not None,
                auth_required=self._login is not None,
                auth_require_tls=not self._implicit,
                authenticator=self._authenticate,
            )
        self._connections.append(connection)
        return connection

    def _authenticate(
        self, _connection: SMTP, _session: Session, _envelope: Envelope, _mechanism: str, login: Any
    ) -> AuthResult:
        assert isinstance(login, LoginPassword)
        return AuthResult(success=(login.login.decode(), login.password.decode()) == self._login, handled=False)

    async def handle_MAIL(  # noqa: N802 (aiosmtpd's names)
        self, connection: "_SmtpConnection", _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if fault := await self._apply_fault("mail", connection):
            return fault
        envelope.mail_from = address
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802
        self, connection: "_SmtpConnection", _session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if fault := await self._apply_fault("rcpt", connection):
            return fault
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, connection: "_SmtpConnection", _session: Session, envelope: Envelope) -> str:  # noqa: N802
        assert isinstance(envelope.content, bytes)
        message = ReceivedMessage(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.content)
        fault = await self.next_fault("data")
        if isinstance(fault, str):
            return fault
        self.messages.append(message)
        await connection.apply_silence(fault)
        return "250 2.0.0 OK"

    async def handle_QUIT(self, connection: "_SmtpConnection", _session: Session, _envelope: Envelope) -> str:  # noqa: N802
        return await self._apply_fault("quit", connection) or "221 Bye"

    async def _apply_fault(self, step: str, connection: "_SmtpConnection") -> str | None:
        fault = await self.next_fault(step)
        await connection.apply_silence(fault)
        return fault if isinstance(fault, str) else None


class _SmtpConnection(SMTP):
    """One connection of a client."""

    def __init__(self, server: SmtpServer, **options: Any) -> None:
        super().__init__(server, loop=asyncio.get_running_loop(), **options)
        self._smtp_server = server
        self._greeted = False

    async def push(self, status: Any) -> None:
        if not self._greeted:
            self._greeted = True
            fault = await self._smtp_server.next_fault("greeting")
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


def channel(server: SmtpServer, trusted: ssl.SSLContext | None = None, timeout_seconds: float = 10) -> SmtpChannel:
    """Return a channel to the server, which trusts the certificates of `trusted`."""
    return SmtpChannel(SmtpAddress.read(server.url), trusted=trusted, timeout_seconds=timeout_seconds)
