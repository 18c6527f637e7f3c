"""Create the table of runs that somebody asked for."""

import sqlalchemy as sa
from alembic import op

from complaints.records.migrations.columns import INSTANT


def create_runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Text, primary_key=True),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("asked_at", INSTANT, nullable=False),
        sa.Column("by", sa.Text),
        sa.Column("workflow_run", sa.Text),
        sa.Column("finished_at", INSTANT),
        sa.CheckConstraint(
            "kind IN ('recalendar', 'retention', 'digest', 'calendar_check', 'audit_root')", name="kind"
        ),
    )
