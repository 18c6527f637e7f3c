"""Sends email. A server that takes a message and is gone before it says so gets it again, with the same Message-ID."""

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
from complaints.channels.errors import ChannelAwayError, ChannelRefusedError
from complaints.channels.smtp_settings import SmtpAddress, Tls

RESPONSE_TIMEOUT_SECONDS = 60.0
"""Seconds for each step. The longest pause is after the text, while a server looks through it; to leave too early is to
send it twice."""
FAREWELL_WITHIN = 5.0
"""Seconds; it has been taken by then."""

ABOUT_US = frozenset({530, 534, 535, 538})
"""Refusals which tell of our authentication, at whatever step."""
TOO_LARGE = 552

log = logging.getLogger(__name__)

_ENHANCED = re.compile(r"\d\.\d{1,3}\.\d{1,3}(?=\s|$)")


class SmtpChannel:
    """One connection for each message: none waits for another's, and none shares another's failure."""

    def __init__(
        self, at: SmtpAddress, *, answer_within: float = RESPONSE_TIMEOUT_SECONDS, trusted: ssl.SSLContext | None = None
    ) -> None:
        """`trusted` says which certificates are accepted; None: the system's, or those of SSL_CERT_FILE."""
        self._at = at
        self._answer_within = answer_within
        self._trusted = trusted or ssl.create_default_context()

    @property
    def send_within(self) -> float:
        """Seconds in which `send` ends, in whatever way."""
        return 4 * self._answer_within + FAREWELL_WITHIN

    async def send(self, email: Email) -> None:
        """Once it returns, the server has it, for at least one of whom it is to: who is refused keeps it from nobody.

        Raises ChannelRefusedError, ChannelAwayError.
        """
        client = self._client(email.sender.domain)
        try:
            with _as_ours():
                async with asyncio.timeout(4 * self._answer_within):
                    await self._enter(client)
                    refused, _ = await client.sendmail(
                        email.sender.address,
                        [mailbox.address for mailbox in email.to],
                        bytes(email),
                        mail_options=["SMTPUTF8"] if email.needs_utf8 else [],
                    )
            if refused:
                log.warning("not taken for all", extra={"key": email.key, "refused": len(refused), "of": len(email.to)})
            with suppress(SMTPException, OSError):
                await client.quit(timeout=FAREWELL_WITHIN)
        finally:
            client.close()

    def _client(self, domain: str) -> SMTP:
        return SMTP(
            hostname=self._at.host,
            port=self._at.port,
            timeout=self._answer_within,
            # Who we say we are; else the machine would be looked up in DNS, which can take longer than all the rest.
            local_hostname=domain,
            use_tls=self._at.tls is Tls.IMPLICIT,
            start_tls=False,
            tls_context=self._trusted,
        )

    async def _enter(self, client: SMTP) -> None:
        await client.connect()
        await client.ehlo()
        if self._at.tls is Tls.STARTTLS:
            # Never without: whoever stands between could hide the server's offer.
            if not client.supports_extension("starttls"):
                raise ChannelAwayError("the mail server offers no STARTTLS, so nothing was sent; see COMPLAINTS_SMTP")
            await client.starttls()
            await client.ehlo()
        if self._at.user is not None:
            if not client.supported_auth_methods:
                raise ChannelAwayError("the mail server lets nobody log in in a way we know; see COMPLAINTS_SMTP")
            await client.login(self._at.user, self._at.password)


@contextmanager
def _as_ours() -> Iterator[None]:
    """What befell, as one of our two errors. What tells of the recipient or the message is for good, if the server says
    so (5xx); all else, of the way to the server or of us, is for now."""
    try:
        yield
    except SMTPRecipientsRefused as error:
        _judge(min(error.recipients, key=lambda refused: refused.code), "refused the recipient")
    except SMTPSenderRefused as error:
        if error.code == TOO_LARGE:
            raise ChannelRefusedError(f"the mail server refused the message as too large ({_code(error)})") from None
        raise ChannelAwayError(
            f"the mail server takes nothing from our address ({_code(error)}); see COMPLAINTS_MAIL_FROM"
        ) from None
    except SMTPDataError as error:
        _judge(error, "refused the message")
    except SMTPNotSupported:
        raise ChannelRefusedError("the mail server knows no addresses beyond ASCII (SMTPUTF8)") from None
    except SMTPAuthenticationError as error:
        raise ChannelAwayError(f"the mail server did not let us log in ({_code(error)}); see COMPLAINTS_SMTP") from None
    except SMTPResponseException as error:
        raise ChannelAwayError(f"the mail server does not serve us now ({_code(error)})") from None
    except (SMTPTimeoutError, TimeoutError):
        raise ChannelAwayError("the mail server did not answer in time") from None
    except (SMTPException, OSError) as error:
        raise ChannelAwayError(_lost(error)) from None


def _judge(error: SMTPResponseException, did: str) -> None:
    if 500 <= error.code < 600 and error.code not in ABOUT_US:
        raise ChannelRefusedError(f"the mail server {did} ({_code(error)})") from None
    raise ChannelAwayError(f"the mail server {did} for now ({_code(error)})") from None


def _code(error: SMTPResponseException) -> str:
    """Its numbers alone: the words may quote the address."""
    enhanced = _ENHANCED.match(error.message)
    return f"{error.code} {enhanced[0]}" if enhanced else str(error.code)


def _lost(error: Exception) -> str:
    causes = (error, error.__cause__)
    if any(isinstance(cause, ssl.SSLCertVerificationError) for cause in causes):
        return "the mail server's certificate is not to be trusted; see COMPLAINTS_SMTP"
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        return "the mail server does not speak TLS as we do; see COMPLAINTS_SMTP"
    if isinstance(error.__cause__, OSError) and not isinstance(error.__cause__, SMTPException):
        return "the mail server cannot be reached"
    return "the mail server hung up before it said that it has the message"
