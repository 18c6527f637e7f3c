"""Copy closed complaints under other references, by SQL: so a million take minutes.

Each life is one that the procedure made; its copies have the same events, some seconds later. A copy's state is
encrypted with a key of its own, so lists and searches read it. Other JSON and encrypted values are the life's, as long
as a copy's would be: `show` and `audit` read a life.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

from sqlalchemy import DateTime, Table, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from complaints.encryption.data_keys import KeyRing
from complaints.records import tables
from complaints.records.personal.encryption import STATE, Cipher, decrypt, keys_of

COPIED: tuple[Table, ...] = (
    tables.complaints,
    tables.search_terms,
    tables.events,
    tables.free_text,
    tables.answers,
    tables.letters,
    tables.alerts,
    tables.deliveries,
    tables.deadlines,
    tables.undertakings,
    tables.changes,
)
"""The tables in which a complaint of the corpus has rows."""
RARE = 3
"""Tokens of so few lives are a reference's or a whole name's, which a copy has for itself."""
_APART = "interval '37 seconds'"
"""How much later each copy is than the one before."""
_SESSION = ("session_replication_role = replica", "maintenance_work_mem = '1GB'", "work_mem = '64MB'")
"""The first leaves out foreign keys, which hold as all tables are copied."""


async def mark_sent(engine: AsyncEngine) -> None:
    """Mark every letter and alert as sent, and number the changes, as a worker does in a minute."""
    async with engine.begin() as connection:
        await connection.execute(text(_MARK_SENT))
        await connection.execute(text(_NUMBER))


async def keep_lives(owner: AsyncEngine, prefix: str) -> dict[str, str]:
    """Keep the rows of all lives whose reference begins with `PREFIX-` in tables of their own.

    Return the state of each as text, by reference. `owner`: of the tables, with keys.
    """
    async with owner.begin() as connection:
        await connection.execute(text("CREATE SCHEMA lives"))
        for table in COPIED:
            of_lives = f"SELECT * FROM {table.name} WHERE reference LIKE '{prefix}-%'"  # noqa: S608 (ours)
            order = ", ".join(f'"{column.name}"' for column in table.primary_key)
            await connection.execute(text(f"CREATE UNLOGGED TABLE lives.{table.name} AS {of_lives} ORDER BY {order}"))
        await connection.execute(text(_PART_TOKENS))
        numbers = "SELECT coalesce(max(number), 0) AS last FROM changes"
        await connection.execute(text(f"CREATE TABLE lives.numbers AS {numbers}"))
        await connection.execute(text(_STATES))
        await connection.execute(text("ANALYZE"))
        states = await connection.execute(text("SELECT reference, encrypted_state FROM lives.complaints"))
        keys = keys_of(owner)
        return {row[0]: await decrypt(keys, row[0], STATE, row[1]) or "" for row in states.all()}


async def copy_lives(
    owner: AsyncEngine,
    states: Mapping[str, str],
    copies: Sequence[int],
    tell: Callable[[int], None],
    connections: int = 2,
) -> None:
    """Write the kept lives once more for each number of `copies`, as the owner of the tables.

    `states`: as `keep_lives` returns them. Each copy's references begin with `S`, its number and `-`. `tell` hears how
    many copies are there.
    """
    waiting, done = iter(copies), 0

    async def copy() -> None:
        nonlocal done
        async with owner.connect() as connection:
            await connection.execution_options(isolation_level="AUTOCOMMIT")
            for setting in _SESSION:
                await connection.execute(text(f"SET {setting}"))
            for number in waiting:
                await _encrypt_states(connection, keys_of(owner), states, number)
                for table in COPIED:
                    await connection.execute(text(_insertion(table)), {"copy": number})
                done += 1
                tell(done)

    async with _without_indexes(owner):
        await asyncio.gather(*(copy() for _ in range(connections)))
    async with owner.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text("VACUUM (ANALYZE)"))


async def _encrypt_states(connection: AsyncConnection, keys: KeyRing, states: Mapping[str, str], copy: int) -> None:
    """Encrypt the states of one copy, each with the key of its reference."""
    rows = []
    for life, state in states.items():
        reference = f"S{copy:04}{life[1:]}"
        cipher = Cipher(reference, await keys.for_subject(reference))
        rows.append((copy, life, cipher.encrypt(STATE, state.replace(life, reference))))
    driver = (await connection.get_raw_connection()).driver_connection
    assert driver is not None
    await driver.copy_records_to_table("states", schema_name="lives", records=rows)


def _insertion(table: Table) -> str:
    values = {column.name: f'"{column.name}"' for column in table.c if column.identity is None}
    values |= {
        column.name: f'"{column.name}" + CAST(:copy AS int) * {_APART}'
        for column in table.c
        if isinstance(column.type, DateTime)
    }
    values["reference"] = "'S' || lpad(CAST(CAST(:copy AS int) AS text), 4, '0') || substr(reference, 2)"
    if table is tables.search_terms:
        values["tokens"] = (
            "common || ARRAY(SELECT hashint8extended(token, CAST(:copy AS int)) FROM unnest(rare) AS token)"
        )
    if table is tables.changes:
        values["number"] = "number + CAST(:copy AS int)::bigint * (SELECT last FROM lives.numbers)"
    source = "parted" if table is tables.search_terms else table.name
    if table is tables.complaints:
        values["encrypted_state"] = "encrypted"
        source = "complaints JOIN lives.states ON life = reference AND copy = CAST(:copy AS int) ORDER BY reference"
    names = ", ".join(f'"{name}"' for name in values)
    return f"INSERT INTO {table.name} ({names}) SELECT {', '.join(values.values())} FROM lives.{source}"  # noqa: S608 (ours)


@asynccontextmanager
async def _without_indexes(owner: AsyncEngine) -> AsyncIterator[None]:
    """Drop the indexes that are no keys, and create them again at the end."""
    async with owner.begin() as connection:
        indexes = (await connection.execute(text(_INDEXES), {"tables": [table.name for table in COPIED]})).all()
        for name, _ in indexes:
            await connection.execute(text(f'DROP INDEX "{name}"'))
    yield
    waiting = iter(indexes)

    async def create(connection: AsyncConnection) -> None:
        for setting in _SESSION[1:]:
            await connection.execute(text(f"SET {setting}"))
        for _, definition in waiting:
            await connection.execute(text(definition))

    async with owner.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await create(connection)


_MARK_SENT = "UPDATE deliveries SET sent_at = owed_at + interval '1 minute' WHERE sent_at IS NULL"
_NUMBER = """
UPDATE changes c SET number = n.number FROM (
    SELECT reference, sequence,
        row_number() OVER (ORDER BY id) + (SELECT coalesce(max(number), 0) FROM changes) AS number
    FROM changes WHERE number IS NULL
) AS n
WHERE c.reference = n.reference AND c.sequence = n.sequence
"""
_STATES = "CREATE UNLOGGED TABLE lives.states (copy int, life text, encrypted bytea, PRIMARY KEY (copy, life))"
_PART_TOKENS = f"""
CREATE UNLOGGED TABLE lives.parted AS
WITH token AS (SELECT reference, key, unnest(tokens) AS token FROM lives.search_terms),
frequent AS (SELECT token FROM token GROUP BY token HAVING count(*) > {RARE})
SELECT reference, key,
    coalesce(array_agg(token) FILTER (WHERE token IN (SELECT token FROM frequent)), '{{}}') AS common,
    coalesce(array_agg(token) FILTER (WHERE token NOT IN (SELECT token FROM frequent)), '{{}}') AS rare
FROM token GROUP BY reference, key ORDER BY reference;
"""  # noqa: S608 (no value of anybody)
_INDEXES = """
SELECT i.relname, pg_get_indexdef(x.indexrelid) FROM pg_index x
JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class t ON t.oid = x.indrelid
JOIN pg_namespace n ON n.oid = t.relnamespace AND n.nspname = 'public'
WHERE t.relname = ANY (:tables) AND NOT EXISTS (SELECT FROM pg_constraint c WHERE c.conindid = x.indexrelid)
"""
