"""Create and drop indexes while the service writes; the only statements of their migration."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from alembic import op
from sqlalchemy import TextClause

LOCK_TIMEOUT = "2s"
"""Short: what needs the table next waits behind a migration that waits for its lock."""
INDEX_LOCK_TIMEOUT = "60s"
"""Longer: an index waits for the transactions that began before it, and nothing waits for the index."""


def create_index(name: str, table: str, columns: Sequence[str | TextClause], **options: Any) -> None:
    """Create an index concurrently. `options` are those of Alembic's `create_index`.

    What an interrupted attempt left is invalid, and is replaced.
    """
    with _concurrently():
        op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, **options)


def drop_index(name: str, table: str) -> None:
    """Drop an index concurrently."""
    with _concurrently():
        op.drop_index(name, table_name=table, if_exists=True, postgresql_concurrently=True)


@contextmanager
def _concurrently() -> Iterator[None]:
    with op.get_context().autocommit_block():
        op.execute(f"SET lock_timeout = '{INDEX_LOCK_TIMEOUT}'")
        yield
        op.execute(f"SET lock_timeout = '{LOCK_TIMEOUT}'")
