"""Make the table `signed_out`."""

import sqlalchemy as sa
from alembic import op

from complaints.records.migrations.columns import INSTANT


def create_signed_out() -> None:
    """Create the table of the sessions of staff that were signed out."""
    op.create_table(
        "signed_out",
        sa.Column("session", sa.Text, primary_key=True),
        sa.Column("issued_until", sa.BigInteger, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
    )
