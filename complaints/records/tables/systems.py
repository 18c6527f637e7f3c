"""The tables `systems`, `system_keys` and `refused_requests`."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Date, ForeignKey, Index, LargeBinary, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY

from complaints.records.tables.common import INSTANT, metadata, positive

systems = Table(
    "systems",
    metadata,
    Column("name", Text, primary_key=True),
    Column("scopes", ARRAY(Text), nullable=False),
    Column("added_at", INSTANT, nullable=False),
    Column("added_by", Text, nullable=False),
    Column("revoked_at", INSTANT),  # for good: acts bear the name, so nobody else gets it
    Column("revoked_by", Text),
    CheckConstraint("(revoked_at IS NULL) = (revoked_by IS NULL)", name="revoked"),
)
"""Clients of the intake service. Rows are never deleted, because acts bear their names."""

system_keys = Table(
    "system_keys",
    metadata,
    Column("id", Text, primary_key=True),
    Column("system", Text, ForeignKey("systems.name"), nullable=False),
    Column("digest", LargeBinary, nullable=False),  # SHA-256 of the secret
    Column("made_at", INSTANT, nullable=False),
    Column("made_by", Text, nullable=False),
    Column("ends_at", INSTANT),  # NULL: no end is set
    Column("last_used_at", INSTANT),
    CheckConstraint("length(digest) = 32", name="digest"),
    Index(None, "system"),
)

refused_requests = Table(
    "refused_requests",
    metadata,
    Column("day", Date, primary_key=True),  # in UTC
    Column("reason", Text, primary_key=True),
    Column("system", Text, primary_key=True),  # "": unknown
    Column("request", Text, primary_key=True),  # its route: GET /complaints/{reference}
    Column("times", BigInteger, nullable=False),
    Column("first_at", INSTANT, nullable=False),
    Column("last_at", INSTANT, nullable=False),
    positive("times"),
)
"""Denied requests, counted by day, so that a flood adds few rows."""
