"""Alembic's way in: runs the migrations on the connection that `complaints.records.migrate` hands over."""

from alembic import context

from complaints.records.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
with context.begin_transaction():
    context.run_migrations()
