"""The tables of policies and calendars: each once, however many complaints have it (R14)."""

from sqlalchemy import Column, ForeignKey, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from complaints.records.tables.common import metadata

policies = Table(
    "policies",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("content", JSONB, nullable=False),  # Policy
)

calendars = Table(
    "calendars",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("content", JSONB, nullable=False),  # WorkingCalendar
)
"""Digests are those of `interning.content_digest`. Rows never change, and no complaint's end deletes one."""


def digest_of(table: Table) -> Column[str]:
    """Build the column by which a complaint names its policy or calendar.

    The key is checked at the commit, so that a writer can say first what the record lacks.
    """
    key = ForeignKey(table.c.digest, deferrable=True, initially="DEFERRED")
    return Column({policies: "policy_digest", calendars: "calendar_digest"}[table], Text, key, nullable=False)
