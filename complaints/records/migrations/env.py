"""Run the migrations on the connection of `complaints.records.migrate`; called by Alembic."""

from alembic import context

from complaints.records.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
