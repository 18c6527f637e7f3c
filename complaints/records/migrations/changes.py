"""Create the tables `changes` and `readings`."""

import sqlalchemy as sa
from alembic import op

from complaints.records.migrations.columns import INSTANT, of_event


def create_changes() -> None:
    op.create_table(
        "changes",
        *of_event(),
        sa.Column("id", sa.BigInteger, sa.Identity(always=True), nullable=False),
        sa.Column("opened_by", sa.Text),
        sa.Column("number", sa.BigInteger),
        sa.CheckConstraint("number > 0", name="number"),
    )
    op.create_index("ix_changes_number", "changes", ["number"], unique=True)
    op.create_index("ix_changes_opened_by", "changes", ["opened_by", "number"])
    op.create_index("ix_changes_unnumbered", "changes", ["id"], postgresql_where=sa.text("number IS NULL"))
    op.create_table(
        "readings",
        *(sa.Column(name, sa.Text, primary_key=True) for name in ("reference", "staff")),
        sa.Column("day", sa.Date, primary_key=True),
        sa.Column("times", sa.BigInteger, nullable=False),
        *(sa.Column(name, INSTANT, nullable=False) for name in ("first_at", "last_at")),
        sa.CheckConstraint("times > 0", name="times"),
    )
