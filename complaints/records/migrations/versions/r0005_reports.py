"""What reports look for among the events: few kinds of many, by when they happened."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0007"

REPORTED = "'reply', 'escalated_on_lapse', 'lapse_withdrawn'"


def upgrade() -> None:
    op.create_index("ix_complaints_received_at", "complaints", ["received_at"])
    op.create_index(
        "ix_events_tier_reached",
        "events",
        [sa.text("(detail ->> 'tier')"), "at"],
        postgresql_where=sa.text("kind = 'tier_reached'"),
    )
    op.create_index("ix_events_reported", "events", ["kind", "at"], postgresql_where=sa.text(f"kind IN ({REPORTED})"))


def downgrade() -> None:
    op.drop_index("ix_events_reported", "events")
    op.drop_index("ix_events_tier_reached", "events")
    op.drop_index("ix_complaints_received_at", "complaints")
