"""The table `administration_events`."""

from sqlalchemy import BigInteger, Column, Identity, Index, Table, Text
from sqlalchemy.dialects.postgresql import JSONB

from complaints.records.tables.common import INSTANT, metadata

administration_events = Table(
    "administration_events",
    metadata,
    Column("number", BigInteger, Identity(always=True), primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("by", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),  # such as a system's name
    Column("detail", JSONB, nullable=False),
    Index(None, "at"),
)
"""What administrators and operators do that has no history of its own; append-only, as events are."""
