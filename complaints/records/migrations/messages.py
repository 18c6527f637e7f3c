"""Create the tables of letters, alerts and their deliveries."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

from complaints.records.migrations.columns import INSTANT, of_event


def create_messages() -> None:
    op.create_table(
        "letters",
        *of_event(),
        sa.Column("occasion", sa.Text, nullable=False),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("owed_at", INSTANT, nullable=False),
        sa.Column("detail", JSONB, nullable=False),
    )
    op.create_table(
        "alerts",
        *of_event(),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("occasion", sa.Text),
        sa.Column("recipients", ARRAY(sa.Text), nullable=False),
        sa.Column("owed_at", INSTANT, nullable=False),
        sa.Column("what", sa.Text, nullable=False),
        sa.CheckConstraint("kind IN ('alerted', 'reminded', 'chased')", name="kind"),
    )
    op.create_table(
        "deliveries",
        *of_event(),
        sa.Column("to", sa.Text, primary_key=True),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("owed_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.Column("held_at", INSTANT),
        sa.Column("again_at", INSTANT),
        sa.Column("again_by", sa.Text),
        sa.Column("why", sa.Text),
        sa.CheckConstraint("channel IN ('email', 'post', 'webhook')", name="channel"),
        sa.CheckConstraint("sent_at IS NULL OR held_at IS NULL", name="status"),
        sa.CheckConstraint("(held_at IS NULL) = (why IS NULL)", name="why"),
        sa.CheckConstraint("(again_at IS NULL) = (again_by IS NULL)", name="again"),
    )
    op.create_index(
        "ix_deliveries_waiting", "deliveries", ["owed_at", "reference"], postgresql_where=sa.text("sent_at IS NULL")
    )
