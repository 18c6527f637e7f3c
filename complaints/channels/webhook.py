"""Tells a receiver of alerts over HTTP: signed, with a key by which it can drop a repeat."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Self

import httpx2

from complaints.channels.errors import ChannelAwayError, ChannelRefusedError
from complaints.channels.signing import SIGNATURE, TIMESTAMP, sign
from complaints.channels.webhook_payloads import Notice, WebhookKind, body_of

RESPONSE_TIMEOUT_SECONDS = 10.0
"""Seconds, for all of it."""

IDEMPOTENCY_KEY = "Idempotency-Key"

FOR_NOW = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
"""Below 500, and yet to be tried again."""


class Webhook:
    """One receiver."""

    def __init__(
        self, client: httpx2.AsyncClient, url: str, secret: str, kind: WebhookKind, answer_within: float
    ) -> None:
        self._client = client
        self._url = url
        self._secret = secret
        self._kind = kind
        self._answer_within = answer_within

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        secret: str,
        kind: WebhookKind = WebhookKind.PLAIN,
        *,
        answer_within: float = RESPONSE_TIMEOUT_SECONDS,
        trusted: ssl.SSLContext | None = None,
    ) -> AsyncIterator[Self]:
        """`trusted` says which certificates are accepted; None: the system's, or those of SSL_CERT_FILE."""
        async with httpx2.AsyncClient(
            follow_redirects=False, timeout=answer_within, verify=trusted or ssl.create_default_context()
        ) as client:
            yield cls(client, url, secret, kind, answer_within)

    async def post(self, notice: Notice, now: datetime) -> None:
        """Once it returns, the receiver has it. `now` is the real instant of this attempt: receivers compare clocks.

        Raises ChannelRefusedError, ChannelAwayError.
        """
        body, timestamp = body_of(notice, self._kind), str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: sign(self._secret, timestamp, body),
            IDEMPOTENCY_KEY: notice.key,
        }
        try:
            async with asyncio.timeout(self._answer_within):
                async with self._client.stream("POST", self._url, content=body, headers=headers) as answer:
                    code = answer.status_code  # whatever else it says is of no interest, and may have no end
        except (TimeoutError, httpx2.TimeoutException):
            raise ChannelAwayError("the webhook's receiver did not answer in time") from None
        except httpx2.HTTPError:
            raise ChannelAwayError("the webhook's receiver cannot be reached, or hung up") from None
        _judge(code)


def _judge(code: int) -> None:
    """A redirect is not followed: whoever could give one would get the alerts, signed."""
    if 200 <= code < 300:
        return
    if code in FOR_NOW or code >= 500:
        raise ChannelAwayError(f"the webhook's receiver does not take it now ({code})")
    raise ChannelRefusedError(f"the webhook's receiver refused it ({code}); see COMPLAINTS_WEBHOOK")
