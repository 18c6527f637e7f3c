"""Decide whether this version runs on the database's revision (docs/deploys.md).

A database may be older than this version, down to `OLDEST_REVISION`. It may be newer, if its newest migration says
that this version runs on it: each migration names the oldest such version in `compatible_from`. Alembic's table keeps
that name next to the revision, so that a version can read what is said of migrations that it does not have.
"""

from typing import NamedTuple

from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import Script, ScriptDirectory
from alembic.util import CommandError
from sqlalchemy import Connection, text
from sqlalchemy.ext.asyncio import AsyncEngine

from complaints.records.database import translate_database_errors

OLDEST_REVISION = "0001"
"""The oldest revision on which this version runs. Raise it with code that needs a later one."""
MIGRATE = "python -m complaints.records.migrate"


class DatabaseRevision(NamedTuple):
    """What the database says of itself."""

    revision: str | None
    """None: no tables yet."""
    compatible_from: str | None
    """The newest revision of the oldest version that runs on it; None: no version is named."""


def alembic_config(connection: Connection | None = None) -> Config:
    """Configure Alembic without an ini file."""
    config = Config(attributes={"connection": connection})
    config.set_main_option("script_location", "complaints.records:migrations")
    return config


def known_revisions() -> list[str]:
    """Return the revisions of this version's migrations, oldest first."""
    scripts = ScriptDirectory.from_config(alembic_config()).walk_revisions()
    return [script.revision for script in scripts][::-1]


def compatible_from(script: Script) -> str:
    """Return the oldest version that runs on a migration.

    Raises CommandError where it names none.
    """
    named = getattr(script.module, "compatible_from", None)
    if not isinstance(named, str):
        raise CommandError(f"the migration {script.revision} has no compatible_from; see CONTRIBUTING.md")
    return named


async def read_revision(engine: AsyncEngine) -> DatabaseRevision:
    """Read the database's revision. Raises RecordUnreachableError, RecordError."""
    with translate_database_errors():
        async with engine.connect() as connection:
            return await connection.run_sync(revision_of)


def revision_of(connection: Connection) -> DatabaseRevision:
    """Read the database's revision."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision is None:
        return DatabaseRevision(None, None)
    return DatabaseRevision(revision, connection.scalar(text("SELECT compatible_from FROM alembic_version")))


async def schema_problem(engine: AsyncEngine) -> str | None:
    """Return in one line why this version does not run on the database; None: it does.

    Raises RecordUnreachableError, RecordError.
    """
    problem = incompatibility(await read_revision(engine), known_revisions(), OLDEST_REVISION)
    return problem and f"database schema: {problem}"


def incompatibility(database: DatabaseRevision, known: list[str], oldest: str) -> str | None:
    """Return why a version does not run on the database, and the remedy; None: it does.

    `known` are the revisions of its migrations, `oldest` the first on which it runs.
    """
    revision, compatible_from = database
    if revision is None:
        return f"no tables; run: {MIGRATE}"
    if revision in known:
        if known.index(revision) >= known.index(oldest):
            return None
        return f"at revision {revision}, but this version needs {oldest} or later; run: {MIGRATE}"
    if compatible_from in known:
        return None
    served = f"which runs versions from {compatible_from} only" if compatible_from else "which names no older version"
    return f"at revision {revision}, {served}; this version is at {known[-1]}; deploy a newer version"
