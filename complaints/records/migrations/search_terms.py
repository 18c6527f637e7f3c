"""Create the table in which complaints are found by name, email, case or reference."""

import sqlalchemy as sa
from alembic import op


def create_search_terms() -> None:
    """Create the table and its trigram index.

    pg_trgm is a trusted extension: no superuser is needed.
    """
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    op.create_table(
        "search_terms",
        sa.Column("reference", sa.Text, sa.ForeignKey("complaints.reference"), primary_key=True),
        sa.Column("terms", sa.Text, nullable=False),
    )
    op.create_index(
        "ix_search_terms_terms",
        "search_terms",
        ["terms"],
        postgresql_using="gin",
        postgresql_ops={"terms": "gin_trgm_ops"},
    )


def drop_search_terms() -> None:
    op.execute("DROP TABLE search_terms")
    op.execute("DROP EXTENSION pg_trgm")
