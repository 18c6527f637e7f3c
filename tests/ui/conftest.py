"""The servers of these tests have Temporal's web page."""

import asyncio
from collections.abc import Iterator

import pytest

from local.ephemeral_stack import EphemeralStack, ephemeral_stack
from local.servers.owner import upgrade_as_owner
from tests.fixtures.staff import import_staff


@pytest.fixture(scope="session")
def stack() -> Iterator[EphemeralStack]:
    with ephemeral_stack(page=True) as stack:
        upgrade_as_owner(stack.database_url)
        asyncio.run(import_staff(stack.database_url))
        yield stack
