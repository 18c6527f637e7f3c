"""The tables `audit_roots` and `audit_leaves`."""

from sqlalchemy import Column, Date, ForeignKey, Integer, Table, Text

from complaints.records.tables.common import INSTANT, metadata, positive

audit_roots = Table(
    "audit_roots",
    metadata,
    Column("day", Date, primary_key=True),
    Column("at", INSTANT, nullable=False),
    Column("complaints", Integer, nullable=False),  # how many leaves the tree has
    Column("root", Text, nullable=False),
    Column("changes", Text, nullable=False),  # the digest of this day's rows of audit_leaves
    Column("previous", Text),  # the digest of the root before; NULL: it is the first
    Column("signature", Text, nullable=False),
)
"""Signed roots over the heads of all chains; append-only, as events are."""

audit_leaves = Table(
    "audit_leaves",
    metadata,
    # No foreign key to complaints: a complaint that is taken out leaves its leaves, which name it.
    Column("reference", Text, primary_key=True),
    Column("day", Date, ForeignKey("audit_roots.day"), primary_key=True),
    Column("sequence", Integer, nullable=False),
    Column("link", Text, nullable=False),
    positive("sequence"),
)
"""The heads that a root is the first to sign. A head that has not grown keeps its earlier row."""
