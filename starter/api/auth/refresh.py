"""Background work: refresh API keys and staff; record their use and the denied requests."""

import asyncio
import logging

from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records import refused_requests, systems
from complaints.records.database import RecordError
from complaints.records.staff_access import forget_sign_outs
from complaints.runtime.clock import now
from starter.api.auth.denied_requests import DeniedRequests
from starter.api.auth.key_cache import ApiKeyCache
from starter.api.auth.staff import StaffSignIn

REVOKED_WITHIN_SECONDS = 5.0
"""A key that is revoked, a session that is signed out, and a member who left, stop working on every replica."""
REFRESH_SECONDS = 4.0
"""Shorter by the time that a read may take."""
WRITE_SECONDS = 30.0
"""Between two writings of the uses of keys and of denied requests."""

log = logging.getLogger(__name__)


async def refresh_periodically(keys: ApiKeyCache, staff: StaffSignIn) -> None:
    """Refresh the keys and the staff until cancelled; neither waits for the other."""
    while True:
        await asyncio.sleep(REFRESH_SECONDS)
        await asyncio.gather(keys.refresh(), staff.refresh())


async def write_periodically(engine: AsyncEngine, keys: ApiKeyCache, denied: DeniedRequests) -> None:
    """Write the counts until cancelled."""
    while True:
        await asyncio.sleep(WRITE_SECONDS)
        await put_on_record(engine, keys, denied)


async def put_on_record(engine: AsyncEngine, keys: ApiKeyCache, denied: DeniedRequests) -> None:
    """Log the denied requests; write them and the uses of keys to the record.

    Old sign-outs are deleted. If the record is unavailable, or this is cancelled, the counts are kept for the next
    call.
    """
    used, keys.used = keys.used, {}
    rows = denied.take()
    for row in rows:
        fields = {"code": row.reason, "request": row.request, "times": row.times}
        log.warning("refused", extra=fields | ({"system": row.system} if row.system else {}))
    try:
        if used:
            await systems.mark_keys_used(engine, used)
        if rows:
            await refused_requests.add_counts(engine, rows)
            rows = []
        await forget_sign_outs(engine, now())
    except (RecordError, asyncio.CancelledError) as error:
        keys.used = used | keys.used
        denied.add(rows)
        if isinstance(error, asyncio.CancelledError):
            raise
        log.warning("not on the record yet", extra={"why": str(error)})
