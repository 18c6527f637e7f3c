"""Post signed alerts to a webhook, with a key by which the receiver can drop a repeat."""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime
from http import HTTPStatus
from typing import Self

import httpx2

from complaints.channels.errors import ChannelRefusedError, ChannelUnavailableError
from complaints.channels.signing import SIGNATURE, TIMESTAMP, sign
from complaints.channels.webhook_payloads import Notice, WebhookKind, render_payload

RESPONSE_TIMEOUT_SECONDS = 10.0
"""For the whole request."""

IDEMPOTENCY_KEY = "Idempotency-Key"

RETRYABLE = frozenset({HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS})
"""Temporary codes below 500."""


class Webhook:
    """One receiver of alerts."""

    def __init__(
        self, client: httpx2.AsyncClient, url: str, secret: str, kind: WebhookKind, timeout_seconds: float
    ) -> None:
        self._client = client
        self._url = url
        self._secret = secret
        self._kind = kind
        self._timeout_seconds = timeout_seconds

    @classmethod
    @asynccontextmanager
    async def open(
        cls,
        url: str,
        secret: str,
        kind: WebhookKind = WebhookKind.PLAIN,
        *,
        timeout_seconds: float = RESPONSE_TIMEOUT_SECONDS,
        trusted: ssl.SSLContext | None = None,
    ) -> AsyncIterator[Self]:
        """Open a client that accepts certificates by `trusted`; None: as the system does."""
        async with httpx2.AsyncClient(
            follow_redirects=False, timeout=timeout_seconds, verify=trusted or ssl.create_default_context()
        ) as client:
            yield cls(client, url, secret, kind, timeout_seconds)

    async def post(self, notice: Notice, now: datetime) -> None:
        """Post an alert; on return, the receiver has taken it.

        `now` is the real instant of this attempt, which the receiver compares with its clock.
        Raises ChannelRefusedError, ChannelUnavailableError.
        """
        body, timestamp = render_payload(notice, self._kind), str(int(now.timestamp()))
        headers = {
            "Content-Type": "application/json",
            TIMESTAMP: timestamp,
            SIGNATURE: sign(self._secret, timestamp, body),
            IDEMPOTENCY_KEY: notice.key,
        }
        try:
            async with asyncio.timeout(self._timeout_seconds):
                async with self._client.stream("POST", self._url, content=body, headers=headers) as answer:
                    code = answer.status_code  # the body is not read: it may be endless
        except (TimeoutError, httpx2.TimeoutException):
            raise ChannelUnavailableError("the webhook's receiver did not answer in time") from None
        except (httpx2.HTTPError, httpx2.InvalidURL):
            raise ChannelUnavailableError("the webhook's receiver cannot be reached, or hung up") from None
        _raise_for_code(code)


def _raise_for_code(code: int) -> None:
    """Raise unless the code is 2xx. A redirect is an error: it could send alerts elsewhere."""
    if 200 <= code < 300:
        return
    if code in RETRYABLE or code >= 500:
        raise ChannelUnavailableError(f"the webhook's receiver cannot take it now ({code})")
    raise ChannelRefusedError(f"the webhook's receiver refused it ({code}); see COMPLAINTS_WEBHOOK")
