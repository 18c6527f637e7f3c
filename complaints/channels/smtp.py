"""Send email by SMTP.

A server that takes a message and dies before it answers gets the message again, with the same Message-ID.
"""

import asyncio
import logging
import re
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from aiosmtplib import (
    SMTP,
    SMTPAuthenticationError,
    SMTPDataError,
    SMTPException,
    SMTPNotSupported,
    SMTPRecipientsRefused,
    SMTPResponseException,
    SMTPSenderRefused,
    SMTPTimeoutError,
)

from complaints.channels.email_message import Email
from complaints.channels.errors import ChannelRefusedError, ChannelUnavailableError
from complaints.channels.smtp_settings import SmtpAddress, Tls

RESPONSE_TIMEOUT_SECONDS = 60.0
"""For each step. The longest pause follows the text, while a server scans it; to give up too early sends it twice."""
QUIT_TIMEOUT_SECONDS = 5.0
"""The server has taken the message by then."""

CLIENT_AUTH_CODES = frozenset({530, 534, 535, 538})
"""Replies at any step that concern our authentication."""
TOO_LARGE = 552

log = logging.getLogger(__name__)

_ENHANCED = re.compile(r"\d\.\d{1,3}\.\d{1,3}(?=\s|$)")


class SmtpChannel:
    """A mail server. Each message has its own connection, so that none fails with another."""

    def __init__(
        self,
        at: SmtpAddress,
        *,
        timeout_seconds: float = RESPONSE_TIMEOUT_SECONDS,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        """Set up a channel that accepts certificates by `trusted`; None: as the system does."""
        self._at = at
        self._timeout_seconds = timeout_seconds
        self._trusted = trusted or ssl.create_default_context()

    async def send(self, email: Email) -> None:
        """Send a message; on return, the server has taken it for at least one recipient.

        A refused recipient does not keep it from the others. Raises ChannelRefusedError, ChannelUnavailableError.
        """
        client, content = self._client(email.sender.domain), bytes(email)
        try:
            with _translate_errors():
                async with asyncio.timeout(4 * self._timeout_seconds):
                    await self._connect(client)
                    refused, _ = await client.sendmail(
                        email.sender.address,
                        [mailbox.address for mailbox in email.to],
                        content,
                        mail_options=["SMTPUTF8"] if email.needs_utf8 else [],
                    )
            if refused:
                log.warning(
                    "some recipients were refused",
                    extra={"reference": email.reference, "refused": len(refused), "of": len(email.to)},
                )
            with suppress(SMTPException, OSError):
                await client.quit(timeout=QUIT_TIMEOUT_SECONDS)
        finally:
            client.close()

    def _client(self, domain: str) -> SMTP:
        return SMTP(
            hostname=self._at.host,
            port=self._at.port,
            timeout=self._timeout_seconds,
            # Without a name, aiosmtplib looks this machine up in DNS, which can be slow.
            local_hostname=domain,
            use_tls=self._at.tls is Tls.IMPLICIT,
            start_tls=False,
            tls_context=self._trusted,
        )

    async def _connect(self, client: SMTP) -> None:
        await client.connect()
        await client.ehlo()
        if self._at.tls is Tls.STARTTLS:
            # Refuse to go on without it: somebody on the way could have removed the server's offer.
            if not client.supports_extension("starttls"):
                raise ChannelUnavailableError(
                    "the mail server offers no STARTTLS, so nothing was sent; see COMPLAINTS_SMTP"
                )
            await client.starttls()
            await client.ehlo()
        if self._at.user is not None:
            if not client.supported_auth_methods:
                raise ChannelUnavailableError("the mail server offers no supported way to log in; see COMPLAINTS_SMTP")
            await client.login(self._at.user, self._at.password)


@contextmanager
def _translate_errors() -> Iterator[None]:
    """Translate an SMTP error into a permanent or a temporary one.

    A 5xx reply about the recipient or the message is permanent. All else concerns the connection or us: temporary.
    """
    try:
        yield
    except SMTPRecipientsRefused as error:
        _raise_for_code(min(error.recipients, key=lambda refused: refused.code), "refused the recipient")
    except SMTPSenderRefused as error:
        if error.code == TOO_LARGE:
            raise ChannelRefusedError(f"the mail server refused the message as too large ({_code(error)})") from None
        raise ChannelUnavailableError(
            f"the mail server refuses our address ({_code(error)}); see COMPLAINTS_MAIL_FROM"
        ) from None
    except SMTPDataError as error:
        _raise_for_code(error, "refused the message")
    except SMTPNotSupported:
        raise ChannelRefusedError("the mail server supports no addresses beyond ASCII (SMTPUTF8)") from None
    except SMTPAuthenticationError as error:
        raise ChannelUnavailableError(
            f"the mail server did not let us log in ({_code(error)}); see COMPLAINTS_SMTP"
        ) from None
    except SMTPResponseException as error:
        raise ChannelUnavailableError(f"the mail server does not serve us now ({_code(error)})") from None
    except (SMTPTimeoutError, TimeoutError):
        raise ChannelUnavailableError("the mail server did not answer in time") from None
    except (SMTPException, OSError, UnicodeError) as error:  # UnicodeError: of the server's name
        raise ChannelUnavailableError(_connection_error(error)) from None


def _raise_for_code(error: SMTPResponseException, what: str) -> None:
    if 500 <= error.code < 600 and error.code not in CLIENT_AUTH_CODES:
        raise ChannelRefusedError(f"the mail server {what} ({_code(error)})") from None
    raise ChannelUnavailableError(f"the mail server {what} for now ({_code(error)})") from None


def _code(error: SMTPResponseException) -> str:
    """Return the reply's codes alone, as its text may quote the address."""
    enhanced = _ENHANCED.match(error.message)
    return f"{error.code} {enhanced[0]}" if enhanced else str(error.code)


def _connection_error(error: Exception) -> str:
    causes = (error, error.__cause__)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return "the mail server's certificate is not trusted; see COMPLAINTS_SMTP"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "TLS with the mail server failed; see COMPLAINTS_SMTP"
    if isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, SMTPException):
        return "the mail server cannot be reached"
    return "the mail server hung up before it confirmed the message"
