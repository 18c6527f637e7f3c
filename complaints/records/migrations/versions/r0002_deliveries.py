"""Where each letter and alert is to go, and whether it has gone."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "deliveries",
        sa.Column("reference", sa.Text),
        sa.Column("sequence", sa.Integer),
        sa.Column("to", sa.Text),
        sa.Column("channel", sa.Text, nullable=False),
        sa.Column("owed_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT),
        sa.Column("held_at", INSTANT),
        sa.Column("why", sa.Text),
        sa.PrimaryKeyConstraint("reference", "sequence", "to", name="pk_deliveries"),
        sa.ForeignKeyConstraint(
            ["reference", "sequence"], ["events.reference", "events.sequence"], name="fk_deliveries_events"
        ),
        sa.CheckConstraint("channel IN ('email', 'post', 'webhook')", name=op.f("ck_deliveries_channel")),
        sa.CheckConstraint("sent_at IS NULL OR held_at IS NULL", name=op.f("ck_deliveries_fate")),
        sa.CheckConstraint("(held_at IS NULL) = (why IS NULL)", name=op.f("ck_deliveries_why")),
    )
    op.create_index(
        "ix_deliveries_waiting", "deliveries", ["owed_at", "reference"], postgresql_where=sa.text("sent_at IS NULL")
    )


def downgrade() -> None:
    op.drop_table("deliveries")
