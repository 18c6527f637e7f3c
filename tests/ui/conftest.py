"""A real browser, and servers that have Temporal's web page."""

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Page, async_playwright, expect
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.key_ring import StoredKeys
from local.ephemeral_stack import EphemeralStack, ephemeral_stack
from local.servers.codec import page_origins
from local.servers.owner import upgrade_as_owner, upgrade_keys_as_owner
from local.servers.worker import ROOT
from tests.codec.codec_server import serving_codec
from tests.fixtures.staff import import_staff

BROWSER_OPTIONS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
"""Options for a browser that also runs as root and connects to the page only."""
PICTURES = ROOT / ".local" / "ui-check"
TIMEOUT_MILLISECONDS = 30_000
"""The time in which a text must appear."""


@pytest.fixture(scope="session")
def stack() -> Iterator[EphemeralStack]:
    with ephemeral_stack(page=True) as stack:
        upgrade_as_owner(stack.database_url)
        upgrade_keys_as_owner(stack.keys_url)
        asyncio.run(import_staff(stack.database_url))
        yield stack


@pytest_asyncio.fixture(scope="session", autouse=True)
async def codec_server(stack: EphemeralStack, engine: AsyncEngine, keys: StoredKeys) -> AsyncIterator[None]:
    """Serve where the page looks for payloads in clear, as on the local stack."""
    origins = page_origins(urlsplit(stack.ui_url).port or 0)
    async with serving_codec(engine, keys, port=stack.codec_port, local=True, codec_origins=origins):
        yield


@pytest_asyncio.fixture(scope="session")
async def page(stack: EphemeralStack, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Page]:
    PICTURES.mkdir(parents=True, exist_ok=True)
    home = tmp_path_factory.mktemp("home")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch_persistent_context(
            home / "profile",
            executable_path=shutil.which("chromium"),
            args=BROWSER_OPTIONS,
            env={**os.environ, "HOME": str(home)},
            base_url=f"{stack.ui_url}/namespaces/default/workflows/",
            viewport={"width": 1700, "height": 1160},
        )
        browser.set_default_timeout(TIMEOUT_MILLISECONDS)
        expect.set_options(TIMEOUT_MILLISECONDS)
        yield browser.pages[0]
        await browser.close()
