"""Keep the data keys over a restore of the record.

Both databases are in one data directory here, but the key store has backups of its own (docs/restores.md).
"""

import asyncpg

from local.servers.owner import owner_url

READ = "SELECT coalesce(jsonb_agg(to_jsonb(key)), '[]')::text FROM data_keys key"
PUT_BACK = """
    INSERT INTO data_keys (id, subject, wrapped, wrapped_by, made_at, bound_at)
    SELECT id, subject, wrapped, wrapped_by, made_at, bound_at FROM jsonb_populate_recordset(NULL::data_keys, $1::jsonb)
    ON CONFLICT (id) DO UPDATE SET subject = excluded.subject, bound_at = excluded.bound_at
"""


async def read_keys(url: str) -> str:
    """Read all data keys, as JSON. `url`: of the key store."""
    connection = await asyncpg.connect(owner_url(url).replace("+asyncpg", ""))
    try:
        keys: str = await connection.fetchval(READ)
    finally:
        await connection.close()
    return keys


async def put_keys_back(url: str, keys: str) -> None:
    """Add the keys that the store lacks."""
    connection = await asyncpg.connect(owner_url(url).replace("+asyncpg", ""))
    try:
        await connection.execute(PUT_BACK, keys)
    finally:
        await connection.close()
