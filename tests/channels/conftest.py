"""Servers of the channels, one for each test."""

from collections.abc import AsyncIterator

import pytest

from tests.channels.smtp_server import SmtpServer
from tests.channels.webhook_server import WebhookServer


@pytest.fixture
async def smtp_server() -> AsyncIterator[SmtpServer]:
    async with SmtpServer() as smtp_server:
        yield smtp_server


@pytest.fixture
async def webhook_server() -> AsyncIterator[WebhookServer]:
    async with WebhookServer() as webhook_server:
        yield webhook_server
