"""Count the database connections of processes: `python -m worker connections`."""

from collections.abc import Callable

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.encryption.connections import CONNECTIONS as KEY_CONNECTIONS
from complaints.records.database import translate_database_errors
from complaints.setting_types import WorkerRole
from complaints.settings import IntakeSettings, WorkerSettings
from worker.retention.start import MAX_CONNECTIONS as RETENTION_CONNECTIONS
from worker.roles.served import RECORDING_ROLES, roles_of

MONITORING_CONNECTIONS = 2
"""For health checks and metrics, so that they never wait for a recording."""
REPORT_CONNECTIONS = 1
AUDIT_CONNECTIONS = 1
COMMAND_CONNECTIONS = 25
"""For commands that people run: one `reconcile`, and a few of `complaints`."""

_SERVER = text(
    "SELECT current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int"
    " - current_setting('reserved_connections')::int"
)


def pools_of_worker(settings: WorkerSettings) -> dict[str, int]:
    """Return the largest size of each connection pool of a worker."""
    roles = roles_of(settings)
    pools = {"recordings": settings.recording_connections} if roles & RECORDING_ROLES else {}
    pools["monitoring"] = MONITORING_CONNECTIONS
    if WorkerRole.OPERATIONS in roles:
        pools["retention"] = RETENTION_CONNECTIONS
    pools["keys"] = KEY_CONNECTIONS
    if WorkerRole.DELIVERIES in roles:
        pools["deliveries"] = settings.delivery_connections
        if settings.audit_key:
            pools["audit"] = AUDIT_CONNECTIONS
    if WorkerRole.REPORTS in roles:
        pools["reports"] = REPORT_CONNECTIONS
    return pools


async def report_connections(
    engine: AsyncEngine,
    worker: WorkerSettings,
    intake: IntakeSettings,
    *,
    workers: int,
    intakes: int,
    others: int,
    report: Callable[[str], None],
) -> bool:
    """Report what the processes take at most, and whether PostgreSQL allows it.

    Raises RecordUnreachableError.
    """
    pools = pools_of_worker(worker)
    each = sum(pools.values())
    report(f"A worker: {each} ({', '.join(f'{size} {name}' for name, size in pools.items())})")
    of_intake = intake.intake_connections + KEY_CONNECTIONS
    report(f"An intake service: {of_intake} ({intake.intake_connections} requests, {KEY_CONNECTIONS} keys)")
    needed = workers * each + intakes * of_intake + COMMAND_CONNECTIONS + others
    report(
        f"{workers} x {each} + {intakes} x {of_intake} + {COMMAND_CONNECTIONS} for commands "
        f"+ {others} of others = {needed}"
    )
    with translate_database_errors():
        async with engine.connect() as connection:
            allowed = int(await connection.scalar(_SERVER) or 0)
    if needed <= allowed:
        report(f"PostgreSQL allows {allowed}: enough.")
    else:
        report(f"PostgreSQL allows {allowed}: {needed - allowed} too few; raise max_connections, or use PgBouncer.")
    return needed <= allowed
