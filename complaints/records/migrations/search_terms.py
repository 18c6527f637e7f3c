"""Create the table in which complaints are found by name, email, case or reference."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY


def create_search_terms() -> None:
    op.create_table(
        "search_terms",
        sa.Column("reference", sa.Text, sa.ForeignKey("complaints.reference"), primary_key=True),
        sa.Column("key", sa.Text, nullable=False),
        sa.Column("tokens", ARRAY(sa.BigInteger), nullable=False),
    )
    op.create_index("ix_search_terms_key", "search_terms", ["key"])
    op.create_index("ix_search_terms_tokens", "search_terms", ["tokens"], postgresql_using="gin")
