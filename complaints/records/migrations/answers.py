"""Create the table of the answers to acts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from complaints.records.migrations.columns import of_complaint


def create_answers() -> None:
    op.create_table(
        "answers",
        of_complaint(),
        sa.Column("act_digest", sa.Text, primary_key=True),
        sa.Column("content", sa.Text, nullable=False),
        sa.Column("sequence", sa.Integer, nullable=False),
        sa.Column("answer", JSONB, nullable=False),
        sa.Column("sentence", sa.LargeBinary),
        sa.CheckConstraint("sequence > 0", name="sequence"),
    )
