"""What the service does besides its requests: hears of new and revoked keys, puts on the record what it counted."""

import asyncio
import logging

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records import refused_requests, systems
from complaints.records.database import RecordError
from starter.api.auth.denied_requests import DeniedRequests
from starter.api.auth.key_cache import ApiKeyCache

REFRESHED_EVERY = 5.0
"""Seconds until a key that was revoked stops working, at most."""
ROUNDS_TO_RECORD = 6
"""Rounds of that length, after which the uses of keys and what was refused go on the record."""

log = logging.getLogger(__name__)


async def refresh_periodically(engine: AsyncEngine, keyring: ApiKeyCache, refusals: DeniedRequests) -> None:
    """For ever."""
    while True:
        for _ in range(ROUNDS_TO_RECORD):
            await asyncio.sleep(REFRESHED_EVERY)
            await keyring.refresh()
        await put_on_record(engine, keyring, refusals)


async def put_on_record(engine: AsyncEngine, keyring: ApiKeyCache, refusals: DeniedRequests) -> None:
    """While the record is away, or when this is stopped half-way, it is kept for the next time."""
    used, keyring.used = keyring.used, {}
    refused = refusals.take()
    for each in refused:
        told = {"code": each.reason, "request": each.request, "times": each.times}
        log.warning("refused", extra=told | ({"system": each.system} if each.system else {}))
    try:
        if used:
            await systems.mark_used(engine, used)
        if refused:
            await refused_requests.count(engine, refused)
            refused = []
    except (RecordError, asyncio.CancelledError) as error:
        keyring.used = used | keyring.used
        refusals.add(refused)
        if isinstance(error, asyncio.CancelledError):
            raise
        log.warning("not on the record yet", extra={"why": str(error)})
