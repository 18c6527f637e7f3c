"""Run the migrations on the connection of `complaints.records.migrate`; called by Alembic.

Each migration is a transaction of its own. Without a connection, print the statements.
"""

from collections.abc import Collection, Mapping
from typing import Any

import sqlalchemy as sa
from alembic import context
from alembic.runtime.migration import MigrationContext, MigrationInfo
from alembic.script import Script

from complaints.records.migrations.revisions import compatible_from
from complaints.records.tables import metadata

VERSIONS = sa.table("alembic_version", sa.column("compatible_from"))


def mark(
    ctx: MigrationContext,
    step: MigrationInfo,
    heads: Collection[Any],  # noqa: ARG001 (Alembic gives it)
    run_args: Mapping[str, Any],  # noqa: ARG001 (Alembic gives it)
) -> None:
    """Write the oldest version that runs on the new revision next to it."""
    if not step.destination_revisions:
        return  # down to nothing
    script = step.destination_revisions[0]
    assert isinstance(script, Script)
    ctx.execute(sa.update(VERSIONS).values(compatible_from=sa.literal(compatible_from(script), sa.Text)))


context.configure(
    connection=context.config.attributes["connection"],
    dialect_name="postgresql",
    literal_binds=context.is_offline_mode(),
    target_metadata=metadata,
    transaction_per_migration=True,
    on_version_apply=mark,
)
with context.begin_transaction():
    context.run_migrations()
