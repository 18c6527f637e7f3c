"""Measure what partitions of `events` by year would change, on a copy of the events.

`benchmarks.scale --partitions` runs it at the last size. A partitioned table's key must hold `at`, so that the copy
cannot keep `(reference, sequence)` unique.
"""

from collections.abc import Callable
from time import perf_counter

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from benchmarks.scale.questions import FIRST, LAST, LAST_YEAR
from benchmarks.tables.markdown import markdown

YEARS = range(FIRST.year, LAST.year + 1)
SHOWN = 200
HEAD = ("`events`", "one table", "by year", "by year : one table")
ONE_YEAR = f"at >= '{LAST_YEAR}-04-01' AND at < '{LAST_YEAR + 1}-04-01'"
_EVENTS_OF_ONE = "SELECT * FROM {events} e WHERE e.reference = c.reference ORDER BY sequence OFFSET 0"
_LIVES = f"(SELECT reference FROM lives.complaints ORDER BY reference LIMIT {SHOWN})"  # noqa: S608 (a number)
QUESTIONS = {
    "one complaint's events, ms": f"SELECT count(*) FROM {_LIVES} AS c "  # noqa: S608 (a number)
    f"CROSS JOIN LATERAL ({_EVENTS_OF_ONE}) AS e",
    "a year's first tiers, ms": "SELECT count(*), min(reference) FROM {events} WHERE {year} "
    "AND kind = 'tier_reached' AND detail ->> 'tier' = 'manager'",
    "a year's replies, ms": "SELECT count(*), min(reference) FROM {events} WHERE {year} "
    "AND kind IN ('reply', 'correct')",
    "all events of a year, ms": "SELECT count(*), max(length(what)) FROM {events} WHERE {year}",
}
"""One statement each; the first asks for 200 complaints and is divided by them."""


async def compare(owner: AsyncEngine, tell: Callable[[str], None]) -> str:
    """Copy `events` into yearly partitions, and return the table of both."""
    async with owner.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        tell("partitions: copying events")
        await _copy(connection)
        tell("partitions: measuring")
        rows = []
        for what, sql in QUESTIONS.items():
            divisor = SHOWN if what.startswith("one complaint") else 1
            sides = [
                await _best(connection, sql.format(events=events, year=ONE_YEAR)) / divisor
                for events in ("events", "by_year")
            ]
            rows.append((what, *(f"{side:,.2f}" for side in sides), f"{sides[1] / sides[0]:.2f}"))
            tell(f"{what}: {sides}")
        sizes = [float(await connection.scalar(text(sql)) or 0) / 1e6 for sql in (_SIZE_OF_ONE, _SIZE_BY_YEAR)]
        rows.append(("indexes, MB", *(f"{size:,.0f}" for size in sizes), f"{sizes[1] / sizes[0]:.2f}"))
        detached, deleted = await _take_year_out(connection)
        rows.append(("a year taken out, ms", f"{deleted:,.0f}", f"{detached:,.1f}", f"{detached / deleted:.4f}"))
    return markdown(HEAD, rows)


async def _copy(connection: AsyncConnection) -> None:
    await connection.execute(text("SET maintenance_work_mem = '1GB'"))
    await connection.execute(text("CREATE TABLE by_year (LIKE events) PARTITION BY RANGE (at)"))
    for year in YEARS:
        bounds = f"FROM ('{year}-01-01') TO ('{year + 1}-01-01')"
        await connection.execute(text(f"CREATE TABLE by_year_{year} PARTITION OF by_year FOR VALUES {bounds}"))
    await connection.execute(text("CREATE TABLE by_year_others PARTITION OF by_year DEFAULT"))
    await connection.execute(text("INSERT INTO by_year SELECT * FROM events"))  # as the tables lie
    await connection.execute(text("ALTER TABLE by_year ADD PRIMARY KEY (reference, sequence, at)"))
    tier_reached = "((detail ->> 'tier'), at) WHERE kind = 'tier_reached'"
    reported = "(kind, at) WHERE kind IN ('reply', 'correct', 'escalated_on_lapse', 'lapse_withdrawn')"
    for columns in (tier_reached, reported):
        await connection.execute(text(f"CREATE INDEX ON by_year {columns}"))
    await connection.execute(text("VACUUM (ANALYZE) by_year"))


async def _best(connection: AsyncConnection, sql: str, rounds: int = 3) -> float:
    """Return the shortest time of several rounds, in milliseconds."""
    taken = []
    for _ in range(rounds):
        begun = perf_counter()
        await connection.execute(text(sql))
        taken.append(1_000 * (perf_counter() - begun))
    return min(taken)


async def _take_year_out(connection: AsyncConnection) -> tuple[float, float]:
    """Detach the first whole year, and delete as much from `events`; return both times."""
    year = FIRST.year + 1
    begun = perf_counter()
    await connection.execute(text(f"ALTER TABLE by_year DETACH PARTITION by_year_{year}"))
    detached = perf_counter() - begun
    await connection.execute(text("SET session_replication_role = replica"))  # past the trigger that refuses it
    await connection.execute(text("BEGIN"))
    begun = perf_counter()
    await connection.execute(text(_DELETE.format(first=f"{year}-01-01", following=f"{year + 1}-01-01")))
    deleted = perf_counter() - begun
    await connection.execute(text("ROLLBACK"))
    return 1_000 * detached, 1_000 * deleted


_DELETE = "DELETE FROM events WHERE at >= '{first}' AND at < '{following}'"
_SIZE_OF_ONE = "SELECT pg_indexes_size('events')"
_SIZE_BY_YEAR = "SELECT sum(pg_indexes_size(inhrelid)) FROM pg_inherits WHERE inhparent = 'by_year'::regclass"
