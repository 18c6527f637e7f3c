"""Whose people are no longer on the record, and what is to be kept longer."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "tombstones",
        sa.Column("reference", sa.Text),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("by", sa.Text),
        sa.Column("why", sa.Text, nullable=False),
        sa.Column("done_at", INSTANT),
        sa.PrimaryKeyConstraint("reference", name="pk_tombstones"),
        sa.ForeignKeyConstraint(["reference"], ["complaints.reference"], name="fk_tombstones_complaints"),
        sa.CheckConstraint("kind IN ('anonymised', 'erased')", name=op.f("ck_tombstones_kind")),
    )
    op.create_table(
        "holds",
        sa.Column("reference", sa.Text),
        sa.Column("at", INSTANT),
        sa.Column("until", sa.Date, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("why", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("reference", "at", name="pk_holds"),
        sa.ForeignKeyConstraint(["reference"], ["complaints.reference"], name="fk_holds_complaints"),
    )


def downgrade() -> None:
    op.drop_table("holds")
    op.drop_table("tombstones")
