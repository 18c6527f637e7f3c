"""Create the tables of signed roots."""

import sqlalchemy as sa
from alembic import op

from complaints.records.migrations.columns import INSTANT

AUDIT_TABLES = ("audit_roots", "audit_leaves")


def create_audit() -> None:
    op.create_table(
        "audit_roots",
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("complaints", sa.Integer, nullable=False),
        sa.Column("root", sa.Text, nullable=False),
        sa.Column("changes", sa.Text, nullable=False),
        sa.Column("previous", sa.Text),
        sa.Column("signature", sa.Text, nullable=False),
    )
    op.create_table(
        "audit_leaves",
        sa.Column("reference", sa.Text, primary_key=True),
        sa.Column("day", sa.Date, sa.ForeignKey("audit_roots.day"), primary_key=True),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("link", sa.Text, nullable=False),
        sa.CheckConstraint("sequence > 0", name="sequence"),
    )
