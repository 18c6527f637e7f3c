"""Create the tables of restores."""

import sqlalchemy as sa
from alembic import op

from complaints.records.migrations.columns import INSTANT


def create_restores() -> None:
    op.create_table(
        "restores",
        sa.Column("found_at", INSTANT, primary_key=True),
        sa.Column("recorded_until", INSTANT),
        sa.Column("reconciled_at", INSTANT),
    )
    op.create_table(
        "access_confirmations",
        sa.Column("restored_at", INSTANT, sa.ForeignKey("restores.found_at"), primary_key=True),
        sa.Column("kind", sa.Text, primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("confirmed_at", INSTANT),
        sa.Column("confirmed_by", sa.Text),
        sa.CheckConstraint("kind IN ('staff', 'system')", name="kind"),
        sa.CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name="confirmed"),
    )
    op.create_index(
        "ix_access_confirmations_name",
        "access_confirmations",
        ["name"],
        postgresql_where=sa.text("confirmed_at IS NULL"),
    )
