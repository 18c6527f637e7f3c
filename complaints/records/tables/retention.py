"""How long complaints are kept, and what was done about it."""

from sqlalchemy import Column, Date, Table, Text

from complaints.records.tables.common import INSTANT, metadata, one_of, reference
from complaints.records.tombstone import TombstoneKind

tombstones = Table(
    "tombstones",
    metadata,
    reference(),
    Column("kind", Text, nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    Column("by", Text),  # None: by the policy's retention
    Column("why", Text, nullable=False),
    Column("done_at", INSTANT),
    one_of("kind", TombstoneKind),
)
"""Whose people are no longer on the record, and who decided so."""

holds = Table(
    "holds",
    metadata,
    reference(),
    Column("at", INSTANT, primary_key=True),
    Column("until", Date, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", Text, nullable=False),
)
"""Complaints that are to be kept longer than the policy says; the latest one counts."""
