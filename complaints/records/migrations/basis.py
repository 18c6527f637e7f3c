"""Create the tables of policies and calendars, which complaints name by digest."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

BASIS_TABLES = {"policies": "policy_digest", "calendars": "calendar_digest"}
"""The tables, each with the column by which a complaint names its row."""


def create_basis() -> None:
    for table in BASIS_TABLES:
        op.create_table(
            table,
            sa.Column("digest", sa.Text, primary_key=True),
            sa.Column("content", JSONB, nullable=False),
        )


def digest_of(table: str) -> sa.Column[str]:
    key = sa.ForeignKey(f"{table}.digest", deferrable=True, initially="DEFERRED")
    return sa.Column(BASIS_TABLES[table], sa.Text, key, nullable=False)
