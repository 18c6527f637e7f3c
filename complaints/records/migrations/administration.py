"""Create `administration_events`."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

from complaints.records.migrations.columns import INSTANT

ADMINISTRATION_EVENTS = "administration_events"


def create_administration_events() -> None:
    op.create_table(
        ADMINISTRATION_EVENTS,
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("by", sa.Text, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("detail", JSONB, nullable=False),
    )
    op.create_index("ix_administration_events_at", ADMINISTRATION_EVENTS, ["at"])
