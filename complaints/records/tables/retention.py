"""The tables `tombstones` and `holds`."""

from sqlalchemy import Column, Date, LargeBinary, Table, Text

from complaints.records.tables.common import INSTANT, metadata, one_of, reference
from complaints.records.tombstone import TombstoneKind

tombstones = Table(
    "tombstones",
    metadata,
    reference(),
    Column("kind", Text, nullable=False),
    Column("asked_at", INSTANT, nullable=False),
    Column("by", Text),  # NULL: the policy's retention
    Column("why", Text, nullable=False),
    Column("done_at", INSTANT),
    one_of("kind", TombstoneKind),
)
"""Complaints that are anonymised or erased, and who decided it."""

holds = Table(
    "holds",
    metadata,
    reference(),
    Column("at", INSTANT, primary_key=True),
    Column("until", Date, nullable=False),
    Column("by", Text, nullable=False),
    Column("why", LargeBinary),  # encrypted; NULL: erased or anonymised
)
"""Complaints to keep longer than the policy says; of several holds, the latest counts."""
